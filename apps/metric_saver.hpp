// Keeps metrics of files in the store, as if an event had brought them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat::app {

/// Writes rows of `beat_metrics`, one transaction each; opens the store with the first. For one thread.
class MetricSaver {
 public:
  MetricSaver(std::filesystem::path data_dir, const Clock& clock);
  MetricSaver(const MetricSaver&) = delete;
  MetricSaver& operator=(const MetricSaver&) = delete;
  ~MetricSaver();

  /// `metrics` is one JSON object. Throws Error{database, busy, no_space} when it cannot be written.
  void save(const std::string& beat_id, const std::string& url, std::string_view metrics);

 private:
  struct Rows;
  std::filesystem::path m_data_dir;
  const Clock& m_clock;
  std::unique_ptr<Rows> m_rows;
};

}  // namespace kbeat::app
