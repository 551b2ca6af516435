// Several pieces of audio analyzed at once, their results handed back in the order they were named in.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>

#include "audio_sources.hpp"
#include "kbeat/confine/analyzer.hpp"

namespace kbeat::app {

/// All are safe for several threads and outlive the run.
struct AudioTools {
  net::Downloader& downloader;
  confine::Analyzer& analyzer;
  int input = 0;  ///< what `-` reads
};

struct AudioReports {
  /// The result of one source, in the order of the sources.
  std::function<void(const AudioSource& source, const confine::Analyzed& analyzed)> result;
  /// How many sources are through, whether reported or not; every 200 ms or so.
  std::function<void(std::size_t finished)> progress;
};

/// Owns `workers` threads for as long as it runs; both reports come on the caller's thread and may throw. A
/// request to stop ends running analyses within 200 ms; what they leave is an Error{interrupted}, and no
/// source after the first such one is reported.
void analyze_all(std::span<const AudioSource> sources, const AudioTools& tools, std::size_t workers,
                 std::stop_token stop, const AudioReports& reports);

}  // namespace kbeat::app
