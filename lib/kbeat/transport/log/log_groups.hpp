// Groups, their members and positions in the embedded log.
#pragma once

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/log/notify_file.hpp"

namespace kbeat::transport::log {

/// The database and the file must outlive it.
class LogGroups final : public local::GroupLedger {
 public:
  LogGroups(sqlite::Database& database, NotifyFile& notify);

  [[nodiscard]] std::vector<GroupId> all() override;
  [[nodiscard]] local::GroupState read(const GroupId& group) override;
  void update(const GroupId& group, const Change& change) override;
  void commit(const local::GroupPositions& positions, const Change& check) override;
  [[nodiscard]] std::vector<CommittedPosition> positions(const GroupId& group) override;
  void remove(const GroupId& group) override;

  /// Within a transaction of the caller's. Throws Error{not_found} for a topic that does not exist.
  void write_positions(const local::GroupPositions& positions);

 private:
  [[nodiscard]] std::int64_t find(const GroupId& group);
  [[nodiscard]] std::int64_t find_or_insert(const GroupId& group);
  [[nodiscard]] local::GroupState load(std::int64_t id);
  enum class Rebalanced { no, yes };
  Rebalanced change_group(const GroupId& group, const Change& change);
  void write(std::int64_t id, const local::GroupState& before, const local::GroupState& after);

  sqlite::Database& m_database;
  NotifyFile& m_notify;
  sqlite::Statement m_all;
  sqlite::Statement m_find;
  sqlite::Statement m_insert;
  sqlite::Statement m_load;
  sqlite::Statement m_save;
  sqlite::Statement m_members;
  sqlite::Statement m_save_member;
  sqlite::Statement m_drop_member;
  sqlite::Statement m_positions;
  sqlite::Statement m_topic;
  sqlite::Statement m_save_position;
  sqlite::Statement m_remove;
};

}  // namespace kbeat::transport::log
