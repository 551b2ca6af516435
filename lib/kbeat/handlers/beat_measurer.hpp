// From a beat's audio URL to the effects of having measured it: what beat events have in common.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "kbeat/confine/analyzer.hpp"
#include "kbeat/handlers/beat_metrics.hpp"
#include "kbeat/handlers/handler.hpp"
#include "kbeat/net/download.hpp"

namespace kbeat::handlers {

/// The audio URL that the newest event of a beat left, for events that are handled but not yet in the store.
/// Remembers at least the last 20,000 beats, more than the pipeline may be ahead of the store. Any thread.
class RecentUrls {
 public:
  /// An empty URL: the beat was deleted.
  void note(const std::string& beat_id, const std::string& audio_url);
  [[nodiscard]] std::optional<std::string> find(const std::string& beat_id) const;

 private:
  using Urls = std::unordered_map<std::string, std::string>;
  mutable std::mutex m_mutex;  ///< guards both
  Urls m_newer;
  Urls m_older;
};

/// Safe to call from several threads; the downloader and the analyzer outlive it.
class BeatMeasurer {
 public:
  BeatMeasurer(net::Downloader& downloader, confine::Analyzer& analyzer)
      : m_downloader(downloader), m_analyzer(analyzer) {}

  /// Fetches and analyzes; done with the row and METRIC_CALCULATED, or the failure in its category.
  [[nodiscard]] Outcome measure(const Beat& beat, const HandlerContext& context);

  [[nodiscard]] RecentUrls& recent() { return m_recent; }

 private:
  net::Downloader& m_downloader;
  confine::Analyzer& m_analyzer;
  RecentUrls m_recent;
};

}  // namespace kbeat::handlers
