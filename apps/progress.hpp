// A bar on the terminal for work on many things: how many are through, how fast, how long it still takes.
#pragma once

#include <cstddef>
#include <string>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

class Io;

/// The bar as text: `[#####---------------] 25/100  12.3 files/s  1480x  ETA 0:06`. `seconds` of audio make
/// the third figure, how many times faster than it plays; 0 leaves it out.
[[nodiscard]] std::string progress_text(std::size_t done, std::size_t total, double seconds,
                                        Milliseconds passed, const char* unit = "files");

/// Draws on stderr when that is a terminal, else does nothing; erased by `hide` and at the end, so that no
/// other line runs into it.
class Progress {
 public:
  /// `unit` is what is counted.
  Progress(Io& io, const Clock& clock, std::size_t total, const char* unit = "files");
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(std::size_t done);
  void hide();
  /// Audio that was worked through.
  void add_seconds(double seconds) { m_seconds += seconds; }

 private:
  Io& m_io;
  const Clock& m_clock;
  std::size_t m_total;
  const char* m_unit;
  SteadyTime m_begun;
  double m_seconds = 0;
  bool m_drawn = false;
};

}  // namespace kbeat::app
