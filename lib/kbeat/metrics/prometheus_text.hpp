// Metrics in the text format of Prometheus (version 0.0.4), as scrapers and textfile collectors read it.
#pragma once

#include <filesystem>
#include <string>

#include "kbeat/metrics/metric_registry.hpp"

namespace kbeat::metrics {

inline constexpr const char* k_prometheus_type = "text/plain; version=0.0.4; charset=utf-8";

[[nodiscard]] std::string prometheus_text(const MetricRegistry& registry);

/// Replaces `file` by the present metrics: a reader sees the old or the new ones whole. Throws Error{io}.
void write_metrics_file(const MetricRegistry& registry, const std::filesystem::path& file);

}  // namespace kbeat::metrics
