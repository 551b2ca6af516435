// Writes a request as words and reads them back.
#include "kbeat/audio/analysis_request.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>

#include "kbeat/base/error.hpp"

namespace kbeat::audio {
namespace {

constexpr std::array<std::pair<Style, std::string_view>, 4> k_styles{{{Style::any, "auto"},
                                                                      {Style::hiphop, "hiphop"},
                                                                      {Style::electronic, "electronic"},
                                                                      {Style::rock, "rock"}}};

Error unknown(std::string_view word) {
  return {ErrorCode::usage, fmt::format("\"{}\" asks for nothing that an analysis knows", word)};
}

std::string_view name_of(Style style) {
  for (const auto& [value, name] : k_styles) {
    if (value == style) return name;
  }
  return "auto";
}

double number_in(std::string_view word, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) throw unknown(word);
  return number;
}

/// One of two names.
bool is_first(std::string_view word, std::string_view text, std::string_view first, std::string_view second) {
  if (text != first && text != second) throw unknown(word);
  return text == first;
}

void take_word(AnalysisRequest& request, std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) throw unknown(word);
  const std::string_view name = word.substr(0, equals);
  const std::string_view text = word.substr(equals + 1);
  AnalyzeOptions& options = request.options;
  if (name == "metrics") {
    options.metrics = is_first(word, text, "all", "core") ? MetricSet::all : MetricSet::core;
  } else if (name == "beats") {
    request.beats = is_first(word, text, "listed", "left_out") ? BeatTimes::listed : BeatTimes::left_out;
  } else if (name == "answer") {
    request.answer = is_first(word, text, "clicks", "metrics") ? Answer::clicks : Answer::metrics;
  } else if (name == "plot") {
    options.plot = is_first(word, text, "yes", "no") ? Plot::yes : Plot::no;
  } else if (name == "style") {
    options.tempo.style = parse_style(text);
  } else if (name == "slowest") {
    options.tempo.slowest = number_in(word, text);
  } else if (name == "fastest") {
    options.tempo.fastest = number_in(word, text);
  } else if (name == "start") {
    options.start = number_in(word, text);
  } else if (name == "length") {
    options.length = number_in(word, text);
  } else if (name == "max_seconds") {
    request.limits.max_seconds = number_in(word, text);
  } else {
    throw unknown(word);
  }
}

}  // namespace

std::vector<std::string> to_words(const AnalysisRequest& request) {
  const AnalyzeOptions& options = request.options;
  std::vector<std::string> words{
      fmt::format("metrics={}", options.metrics == MetricSet::all ? "all" : "core"),
      fmt::format("beats={}", request.beats == BeatTimes::listed ? "listed" : "left_out"),
      fmt::format("answer={}", request.answer == Answer::clicks ? "clicks" : "metrics"),
      fmt::format("plot={}", options.plot == Plot::yes ? "yes" : "no"),
      fmt::format("style={}", name_of(options.tempo.style)),
      fmt::format("slowest={}", options.tempo.slowest),
      fmt::format("fastest={}", options.tempo.fastest),
      fmt::format("start={}", options.start),
      fmt::format("max_seconds={}", request.limits.max_seconds)};
  if (options.length) words.push_back(fmt::format("length={}", *options.length));
  return words;
}

AnalysisRequest read_request(std::span<const std::string> words) {
  AnalysisRequest request;
  for (const std::string& word : words) take_word(request, word);
  return request;
}

Style parse_style(std::string_view text) {
  for (const auto& [style, name] : k_styles) {
    if (name == text) return style;
  }
  throw Error(ErrorCode::usage,
              fmt::format("\"{}\" is not a style: use auto, hiphop, electronic or rock", text));
}

}  // namespace kbeat::audio
