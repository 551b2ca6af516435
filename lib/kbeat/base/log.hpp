// What happened, for people and machines: levelled lines on stderr, one a record, never payloads.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace kbeat {

enum class LogLevel { debug, info, warning, error, off };
enum class LogFormat { text, json };

/// Sets level and form for the whole process: by main at its start, later from any thread.
void configure_log(LogLevel level, LogFormat format);

[[nodiscard]] bool log_enabled(LogLevel level);

/// Gives every line of this thread more fields while it lives, in the JSON form: which event is worked on.
class LogScope {
 public:
  /// `fields` as they stand in a JSON object, such as `"trace_id":"…"`; without any, nothing changes.
  explicit LogScope(std::string fields);
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;
  ~LogScope();

 private:
  std::string m_fields;
  const LogScope* m_outer;
  friend std::string_view log_fields();
};

/// Those of the thread's innermost scope that has some.
[[nodiscard]] std::string_view log_fields();

/// Writes one line; control characters are escaped and the line is cut at 4 KiB. Any thread.
void log_line(LogLevel level, std::string_view message);

template <typename... Args>
void log(LogLevel level, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) log_line(level, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::debug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::info, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::warning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  log(LogLevel::error, format, std::forward<Args>(args)...);
}

}  // namespace kbeat
