// What is asked of an analysis, as values and as words that another process can be given.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/audio/analysis_json.hpp"
#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/click_track.hpp"
#include "kbeat/audio/file_reader.hpp"

namespace kbeat::audio {

/// What is wanted: the metrics, or the track with clicks on its beats.
enum class Answer { metrics, clicks };

struct AnalysisRequest {
  AnalyzeOptions options{.tempo = {}, .metrics = MetricSet::all, .start = 0, .length = {}};
  BeatTimes beats = BeatTimes::listed;
  ReadLimits limits;
  Answer answer = Answer::metrics;
};

/// Words such as `metrics=all`; reading them gives the same request.
[[nodiscard]] std::vector<std::string> to_words(const AnalysisRequest& request);

/// Throws Error{usage} naming a word that is none of to_words'.
[[nodiscard]] AnalysisRequest read_request(std::span<const std::string> words);

/// Reads `auto`, `hiphop`, `electronic` or `rock`; throws Error{usage} naming the four.
[[nodiscard]] Style parse_style(std::string_view text);

inline constexpr const char* k_analyze_descriptor = "kbeat_analyze_descriptor";

/// The door to libkbeat_audio.so: reads the audio from a regular file's descriptor and sets `json` to its
/// metrics. Throws what FileReader and analyze throw.
using AnalyzeDescriptor = void(int descriptor, const AnalysisRequest& request, std::string& json);

inline constexpr const char* k_click_descriptor = "kbeat_click_track";

/// The door for Answer::clicks: the same file measured, then decoded once more into a WAV file.
using ClickDescriptor = void(int descriptor, const AnalysisRequest& request, const ByteSink& sink);

}  // namespace kbeat::audio
