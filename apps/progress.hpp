// A bar on the terminal for long work: how much is through, how fast, how long it still takes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

class Io;

struct ProgressFigures {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total;  ///< of the same things
  std::optional<double> share;         ///< of the work, 0 to 1, where the number of things is not known
  double seconds = 0;                  ///< of audio: how many times faster than it plays; 0 leaves that out
  Milliseconds passed{0};
  const char* unit = "records";
};

/// `[#####---------------] 25/100  12.3 files/s  1480x  ETA 0:06`; with a share `25 %  1200 records`; with
/// neither only what is through and how fast.
[[nodiscard]] std::string progress_text(const ProgressFigures& figures);

/// Draws on stderr when that is a terminal, else does nothing; erased by `hide` and at the end, so that no
/// other line runs into it.
class Progress {
 public:
  /// `unit` is what is counted, `total` how many there are, if that is known.
  Progress(Io& io, const Clock& clock, std::optional<std::uint64_t> total, const char* unit);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::uint64_t done, std::optional<double> share = std::nullopt);
  /// A few times a second: whether it is time to draw again. Always false when nobody sees it.
  [[nodiscard]] bool is_due() const;
  void hide();
  /// Audio that was worked through.
  void add_seconds(double seconds) { m_seconds += seconds; }

 private:
  Io& m_io;
  const Clock& m_clock;
  std::optional<std::uint64_t> m_total;
  const char* m_unit;
  bool m_seen;
  SteadyTime m_begun;
  SteadyTime m_shown;
  double m_seconds = 0;
  bool m_drawn = false;
};

}  // namespace kbeat::app
