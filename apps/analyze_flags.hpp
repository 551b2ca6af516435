// Checks analyze's flags and turns them into a request.
#pragma once

#include "cmd_analyze.hpp"
#include "kbeat/audio/analysis_request.hpp"

namespace kbeat::app {

/// Throws Error{usage} that names the flag.
[[nodiscard]] audio::AnalysisRequest analysis_request(const AnalyzeFlags& flags);

/// Reads `90`, `1.5` (seconds) or a span such as `1m`; throws Error{usage} naming the flag.
[[nodiscard]] double seconds_of(const std::string& flag, const std::string& text);

}  // namespace kbeat::app
