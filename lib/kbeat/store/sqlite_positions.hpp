// Positions of groups as rows.
#pragma once

#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SqlitePositions final : public PositionStore {
 public:
  explicit SqlitePositions(sqlite::Database& database);

  [[nodiscard]] std::string store_id() override;
  [[nodiscard]] std::vector<StoredPosition> claim(const Scope& scope,
                                                  std::span<const TopicPartition> partitions,
                                                  const std::string& owner, bool keep_epoch) override;
  void set(const Scope& scope, const StoredPosition& position, PositionChange change) override;
  void foresee(const Scope& scope, std::span<const Position> starts) override;
  [[nodiscard]] std::vector<std::string> clusters_of(const GroupId& group, const TopicName& topic) override;
  [[nodiscard]] std::vector<StoredPosition> read(const Scope& scope) override;

 private:
  [[nodiscard]] StoredPosition read_row(const sqlite::Rows& row);
  void note_gap(const Scope& scope, const StoredPosition& position);
  void forget_origin_offsets(const TopicPartition& partition);

  sqlite::Database& m_database;
  sqlite::Statement m_store_id;
  sqlite::Statement m_claim;
  sqlite::Statement m_one;
  sqlite::Statement m_all;
  sqlite::Statement m_finished;
  sqlite::Statement m_set;
  sqlite::Statement m_forget_finished;
  sqlite::Statement m_gap;
  sqlite::Statement m_forget_beats;
  sqlite::Statement m_forget_metrics;
  sqlite::Statement m_foresee;
  sqlite::Statement m_clusters;
};

}  // namespace kbeat::store
