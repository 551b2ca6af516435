// Rows of `beat_metrics`: the newest event of a beat wins, and a deleted beat leaves a tombstone.
#pragma once

#include "kbeat/model/effect.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/applied_event.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class BeatRows final : public BeatReader {
 public:
  explicit BeatRows(sqlite::Database& database);

  [[nodiscard]] std::optional<std::string> audio_url(const std::string& beat_id) override;
  [[nodiscard]] std::string user_id(const std::string& beat_id) override;

  /// True when the row stems from a newer event than this one.
  [[nodiscard]] bool is_superseded(const std::string& beat_id, const Origin& origin);
  /// Throws Error{bad_input} for a column that is no core metric.
  void apply(const UpsertBeatMetrics& effect, const AppliedEvent& event);
  void apply(const DeleteBeat& effect, const AppliedEvent& event);

 private:
  sqlite::Statement m_audio_url;
  sqlite::Statement m_user_id;
  sqlite::Statement m_origin;
  sqlite::Statement m_upsert;
};

}  // namespace kbeat::store
