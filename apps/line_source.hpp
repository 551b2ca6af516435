// Cuts what comes in on a descriptor into records at a delimiter, and notices when it pauses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

enum class Pulled { line, too_long, pause, end };

/// Reads in large blocks; holds one block and one line. For one thread.
class LineSource {
 public:
  /// Longest line that is taken: what a producer takes at most. A longer one is passed over as it comes, so
  /// that memory stays bounded.
  static constexpr std::size_t k_longest = 64u << 20;

  LineSource(int descriptor, std::string delimiter);

  /// A line without its delimiter, valid until the next call; the last one needs none. `pause` when the
  /// input has nothing to read just now, `too_long` for a line that was passed over. Throws Error{io}.
  [[nodiscard]] Pulled next(std::string_view& line);
  /// Waits for more input; false after `timeout`.
  [[nodiscard]] bool wait(Milliseconds timeout) const;

 private:
  [[nodiscard]] bool fill();
  [[nodiscard]] Pulled hand_out(std::string_view& line, std::size_t end);

  int m_descriptor;
  std::string m_delimiter;
  std::string m_block;
  std::size_t m_start = 0;    ///< of the line that comes next
  std::size_t m_scanned = 0;  ///< no delimiter begins before it
  std::size_t m_end = 0;      ///< of what was read
  bool m_ended = false;
  bool m_too_long = false;  ///< the line that comes next has been passed over in part
};

/// Reads `\n`, `\t`, `\r`, `\0`, `\\` and `\xNN` in a delimiter given on the command line; throws
/// Error{usage}.
[[nodiscard]] std::string unescape_delimiter(const std::string& text);

}  // namespace kbeat::app
