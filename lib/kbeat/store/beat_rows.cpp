// Rows of `beat_metrics`: the newest event of a beat wins, and a deleted beat leaves a tombstone.
#include "kbeat/store/beat_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/event_origin.hpp"

namespace kbeat::store {
namespace {

constexpr std::array<std::string_view, 33> k_core{"duration",
                                                  "sample_rate",
                                                  "channels",
                                                  "codec",
                                                  "bpm",
                                                  "bpm_raw",
                                                  "bpm_alt",
                                                  "bpm_confidence",
                                                  "octave_confidence",
                                                  "bpm_stability",
                                                  "beats",
                                                  "downbeats",
                                                  "beats_per_bar",
                                                  "key",
                                                  "mode",
                                                  "camelot",
                                                  "open_key",
                                                  "key_confidence",
                                                  "key_alt",
                                                  "tuning_hz",
                                                  "lufs_integrated",
                                                  "lra",
                                                  "true_peak_dbtp",
                                                  "sample_peak_dbfs",
                                                  "rms_dbfs",
                                                  "crest_db",
                                                  "clipped_runs",
                                                  "dc_offset",
                                                  "silence_head",
                                                  "silence_tail",
                                                  "first_beat",
                                                  "energy",
                                                  "flags"};

constexpr int k_first_core = 4;  ///< place of the first core metric, after beat_id, user_id and audio_url

/// INSERT OR REPLACE writes the whole row, so that nothing of an earlier analysis stays behind.
std::string upsert_sql() {
  const std::size_t places = 3 + k_core.size() + 7;
  return fmt::format(
      "INSERT OR REPLACE INTO beat_metrics(beat_id, user_id, audio_url, {}, extra, deleted, updated_at, "
      "origin_topic, "
      "origin_partition, origin_offset, origin_timestamp) VALUES({})",
      fmt::join(k_core, ", "), fmt::join(std::vector<char>(places, '?'), ", "));
}

void bind_value(sqlite::Statement& statement, int place, const ColumnValue& value) {
  std::visit(
      [&](const auto& held) {
        if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          statement.bind(place, std::string_view(held));
        } else {
          statement.bind(place, held);
        }
      },
      value);
}

int core_place(std::string_view name) {
  const auto found = std::find(k_core.begin(), k_core.end(), name);
  if (found != k_core.end()) return k_first_core + static_cast<int>(found - k_core.begin());
  throw Error(ErrorCode::bad_input,
              fmt::format("\"{}\" is no core metric, so the store has no column for it: "
                          "put it into extra",
                          escape_for_terminal(name, 80)));
}

/// Binds what follows the core metrics.
void bind_tail(sqlite::Statement& upsert, std::string_view extra, bool deleted, const AppliedEvent& event) {
  int place = k_first_core + static_cast<int>(k_core.size());
  const Origin& origin = event.done.origin;
  upsert.bind(place++, extra);
  upsert.bind(place++, deleted);
  upsert.bind(place++, to_column(event.now));
  upsert.bind(place++, std::string_view(origin.topic));
  upsert.bind(place++, origin.partition);
  upsert.bind(place++, origin.offset);
  upsert.bind(place, to_column(origin.timestamp));
}

}  // namespace

BeatRows::BeatRows(sqlite::Database& database)
    : m_audio_url(database, "SELECT audio_url FROM beat_metrics WHERE beat_id = ? AND deleted = 0"),
      m_user_id(database, "SELECT user_id FROM beat_metrics WHERE beat_id = ? AND deleted = 0"),
      m_origin(database,
               "SELECT origin_topic, origin_partition, origin_offset, origin_timestamp FROM beat_metrics "
               "WHERE beat_id = ?"),
      m_upsert(database, upsert_sql()) {}

std::optional<std::string> BeatRows::audio_url(const std::string& beat_id) {
  sqlite::Rows rows = m_audio_url.query(beat_id);
  if (!rows.next()) return std::nullopt;
  return rows.optional_bytes(0) ? std::optional(std::string(rows.bytes(0))) : std::nullopt;
}

std::string BeatRows::user_id(const std::string& beat_id) {
  sqlite::Rows rows = m_user_id.query(beat_id);
  return rows.next() && rows.optional_bytes(0) ? std::string(rows.bytes(0)) : std::string();
}

bool BeatRows::is_superseded(const std::string& beat_id, const Origin& origin) {
  sqlite::Rows rows = m_origin.query(beat_id);
  return rows.next() && is_older(origin, read_origin(rows, 0));
}

void BeatRows::apply(const UpsertBeatMetrics& effect, const AppliedEvent& event) {
  m_upsert.bind(1, std::string_view(effect.beat_id));
  if (effect.user_id.empty()) {
    m_upsert.bind(2, nullptr);
  } else {
    m_upsert.bind(2, std::string_view(effect.user_id));
  }
  m_upsert.bind(3, std::string_view(effect.audio_url));
  for (std::size_t i = 0; i < k_core.size(); ++i) m_upsert.bind(k_first_core + static_cast<int>(i), nullptr);
  for (const auto& [name, value] : effect.core) bind_value(m_upsert, core_place(name), value);
  bind_tail(m_upsert, effect.extra, false, event);
  m_upsert.run_bound();
}

void BeatRows::apply(const DeleteBeat& effect, const AppliedEvent& event) {
  m_upsert.bind(1, std::string_view(effect.beat_id));
  for (int place = 2; place < k_first_core + static_cast<int>(k_core.size()); ++place)
    m_upsert.bind(place, nullptr);
  bind_tail(m_upsert, "{}", true, event);
  m_upsert.run_bound();
}

}  // namespace kbeat::store
