// Checks analyze's flags and turns them into a request.
#include "analyze_flags.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

void read_tempo_range(const std::string& text, audio::TempoOptions& tempo) {
  if (text.empty()) return;
  const std::size_t dash = text.find('-');
  const auto slowest = number_in(std::string_view(text).substr(0, dash));
  const auto fastest =
      dash == std::string::npos ? std::nullopt : number_in(std::string_view(text).substr(dash + 1));
  if (!slowest || !fastest || *slowest < 20 || *fastest > 400 || *slowest >= *fastest) {
    throw Error(ErrorCode::usage,
                fmt::format("--tempo-range \"{}\": give two tempos from 20 to 400 such as 70-140",
                            escape_for_terminal(text, 80)));
  }
  tempo.slowest = *slowest;
  tempo.fastest = *fastest;
}

audio::MetricSet metric_set(const std::string& word) {
  if (word == "core") return audio::MetricSet::core;
  if (word == "all") return audio::MetricSet::all;
  throw Error(ErrorCode::usage,
              fmt::format("--metrics \"{}\": give core or all", escape_for_terminal(word, 80)));
}

}  // namespace

double seconds_of(const std::string& flag, const std::string& text) {
  constexpr double k_longest = 1e9;  // 30 years, whose samples can be counted at any rate
  double seconds = 0;
  try {
    const auto number = number_in(text);
    seconds = number && *number >= 0 ? *number : std::chrono::duration<double>(parse_duration(text)).count();
  } catch (const Error& error) {
    throw Error(ErrorCode::usage, fmt::format("{}: {}", flag, error.what()));
  }
  if (seconds > k_longest) {
    throw Error(ErrorCode::usage,
                fmt::format("{}: \"{}\" is too long a span of time", flag, escape_for_terminal(text, 80)));
  }
  return seconds;
}

audio::AnalysisRequest analysis_request(const AnalyzeFlags& flags) {
  audio::AnalysisRequest request;
  request.options.metrics = metric_set(flags.metrics);
  read_tempo_range(flags.tempo_range, request.options.tempo);
  request.options.tempo.style = audio::parse_style(flags.style);
  if (!flags.start.empty()) request.options.start = seconds_of("--start", flags.start);
  if (!flags.length.empty()) {
    request.options.length = seconds_of("--length", flags.length);
    if (*request.options.length == 0) throw Error(ErrorCode::usage, "--length: nothing is left of 0 s");
  }
  if (!flags.plot.empty()) request.options.plot = audio::Plot::yes;
  request.limits.max_seconds = seconds_of("--max-duration", flags.max_duration);
  return request;
}

}  // namespace kbeat::app
