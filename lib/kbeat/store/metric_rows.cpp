// Rows of `metrics`, named values of which the newest event's wins, and of `dashboard`, their summary.
#include "kbeat/store/metric_rows.hpp"

#include "kbeat/store/column_times.hpp"
#include "kbeat/store/event_origin.hpp"

namespace kbeat::store {

MetricRows::MetricRows(sqlite::Database& database)
    : m_origin(database,
               "SELECT origin_topic, origin_partition, origin_offset, origin_timestamp FROM metrics WHERE "
               "name = ?"),
      m_upsert(
          database,
          "INSERT OR REPLACE INTO metrics(name, value, metadata, updated_at, origin_topic, origin_partition, "
          "origin_offset, origin_timestamp) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"),
      m_clear(database, "DELETE FROM dashboard"),
      m_beats(database,
              "INSERT INTO dashboard SELECT 'beats', json_object('count', count(*), 'bpm_mean', avg(bpm), "
              "'bpm_min', "
              "min(bpm), 'bpm_max', max(bpm), 'energy_mean', avg(energy), 'duration_total', "
              "coalesce(sum(duration), 0)), ? FROM beat_metrics WHERE deleted = 0"),
      m_keys(database,
             "INSERT INTO dashboard SELECT 'keys', json_group_object(name, n), ? FROM (SELECT coalesce(key "
             "|| ' ' || "
             "mode, 'unknown') AS name, count(*) AS n FROM beat_metrics WHERE deleted = 0 GROUP BY name "
             "ORDER BY "
             "n DESC, name)"),
      // The newest row number stands for the number of quiz events: counting millions would hold the lock.
      m_counts(
          database,
          "INSERT INTO dashboard SELECT 'counts', json_object('metrics', (SELECT count(*) FROM metrics), "
          "'quiz_events', (SELECT coalesce(max(rowid), 0) FROM quiz_events), 'notifications_unsent', "
          "(SELECT count(*) FROM notifications WHERE sent_status = 'unsent'), 'dead_letters_open', "
          "(SELECT count(*) FROM dead_letters WHERE state IN ('pending', 'published'))), ?") {}

bool MetricRows::is_superseded(const std::string& metric, const Origin& origin) {
  sqlite::Rows rows = m_origin.query(metric);
  return rows.next() && is_older(origin, read_origin(rows, 0));
}

void MetricRows::apply(const UpsertMetric& effect, const AppliedEvent& event) {
  const Origin& origin = event.done.origin;
  m_upsert.run(effect.metric, effect.value, effect.metadata, to_column(event.now), origin.topic,
               origin.partition, origin.offset, to_column(origin.timestamp));
}

void MetricRows::apply(const RefreshDashboard&, const AppliedEvent& event) {
  refresh_dashboard(event.now);
}

void MetricRows::refresh_dashboard(WallTime time) {
  const std::int64_t now = to_column(time);
  m_clear.run();
  m_beats.run(now);
  m_keys.run(now);
  m_counts.run(now);
}

}  // namespace kbeat::store
