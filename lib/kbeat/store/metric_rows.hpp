// Rows of `metrics`, named values of which the newest event's wins, and of `dashboard`, their summary.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/model/effect.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/applied_event.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class MetricRows {
 public:
  explicit MetricRows(sqlite::Database& database);

  /// True when the row stems from a newer event than this one.
  [[nodiscard]] bool is_superseded(const std::string& metric, const Origin& origin);
  void apply(const UpsertMetric& effect, const AppliedEvent& event);
  /// Reads every row of beat_metrics and metrics.
  void apply(const RefreshDashboard& effect, const AppliedEvent& event);
  void refresh_dashboard(WallTime time);

 private:
  sqlite::Statement m_origin;
  sqlite::Statement m_upsert;
  sqlite::Statement m_clear;
  sqlite::Statement m_beats;
  sqlite::Statement m_keys;
  sqlite::Statement m_counts;
};

}  // namespace kbeat::store
