// The analysis as the JSON object that is printed, stored and sent.
#pragma once

#include <string>

#include "kbeat/audio/analyze.hpp"

namespace kbeat::audio {

enum class BeatTimes { listed, left_out };

struct AnalysisJsonOptions {
  MetricSet metrics = MetricSet::core;
  BeatTimes beats = BeatTimes::listed;  ///< the arrays `beats` and `downbeats`
};

/// One flat object on one line, keys as in docs/formats/audio-metrics.md. What is not known is null; there
/// is never a NaN. Bytes of a tag that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const Analysis& analysis, const AnalysisJsonOptions& options = {});

}  // namespace kbeat::audio
