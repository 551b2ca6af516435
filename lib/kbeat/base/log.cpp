// The log's one sink: spdlog to stderr, in text or JSON lines.
#include "kbeat/base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <string>

#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    case LogLevel::off: return spdlog::level::off;
  }
  return spdlog::level::off;
}

/// The process-wide logger; its form is told by the pattern, so JSON is chosen by a name.
spdlog::logger& sink() {
  static spdlog::logger logger = [] {
    spdlog::logger made("text", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_level(spdlog::level::warn);
    made.set_pattern("%v");
    made.flush_on(spdlog::level::debug);
    return made;
  }();
  return logger;
}

std::atomic<bool>& writes_json() {
  static std::atomic<bool> json = false;
  return json;
}

const LogScope*& innermost_scope() {
  thread_local const LogScope* scope = nullptr;
  return scope;
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "DEBUG";
    case LogLevel::info: return "INFO";
    case LogLevel::warning: return "WARNING";
    case LogLevel::error: return "ERROR";
    case LogLevel::off: return "OFF";
  }
  return "OFF";
}

}  // namespace

void configure_log(LogLevel level, LogFormat format) {
  writes_json() = format == LogFormat::json;
  sink().set_level(level_of(level));
  sink().set_pattern(writes_json() ? "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}" : "%v",
                     spdlog::pattern_time_type::utc);
}

LogScope::LogScope(std::string fields) : m_fields(std::move(fields)), m_outer(innermost_scope()) {
  if (!m_fields.empty()) innermost_scope() = this;
}

LogScope::~LogScope() {
  innermost_scope() = m_outer;
}

std::string_view log_fields() {
  const LogScope* scope = innermost_scope();
  return scope != nullptr ? std::string_view(scope->m_fields) : std::string_view();
}

bool log_enabled(LogLevel level) {
  return sink().should_log(level_of(level));
}

void log_line(LogLevel level, std::string_view message) {
  constexpr std::size_t k_longest = 4096;
  if (writes_json()) {
    std::string line = fmt::format("\"level\":\"{}\",\"message\":", name_of(level));
    append_json_string(line, clean_utf8(message, k_longest));
    if (const std::string_view fields = log_fields(); !fields.empty()) line.append(",").append(fields);
    sink().log(level_of(level), escape_steering(line));
  } else {
    sink().log(level_of(level),
               fmt::format("{}: {}", name_of(level), escape_for_terminal(message, k_longest)));
  }
}

}  // namespace kbeat
