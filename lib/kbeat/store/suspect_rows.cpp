// Rows of `suspects`: records that were in progress when a process died.
#include "kbeat/store/suspect_rows.hpp"

namespace kbeat::store {

SuspectRows::SuspectRows(sqlite::Database& database)
    : m_note(database,
             "INSERT INTO suspects(cluster, group_id, topic, partition, offset, crashes) VALUES(?, ?, ?, ?, "
             "?, ?) "
             "ON CONFLICT DO UPDATE SET crashes = crashes + excluded.crashes RETURNING crashes"),
      m_read(database,
             "SELECT topic, partition, offset, crashes FROM suspects WHERE cluster = ? AND group_id = ? "
             "ORDER BY topic, partition, offset"),
      m_clear(database,
              "DELETE FROM suspects WHERE cluster = ? AND group_id = ? AND topic = ? AND partition = ? "
              "AND offset = ?") {}

int SuspectRows::note(const Scope& scope, const TopicPartition& partition, Offset offset, bool alone) {
  sqlite::Rows row = m_note.query(scope.cluster, scope.group.get(), partition.topic.get(),
                                  partition.partition.get(), offset.get(), alone ? 1 : 0);
  return row.next() ? static_cast<int>(row.integer(0)) : 0;
}

std::vector<OutcomeStore::Suspect> SuspectRows::read(const Scope& scope) {
  std::vector<OutcomeStore::Suspect> suspects;
  sqlite::Rows rows = m_read.query(scope.cluster, scope.group.get());
  while (rows.next()) {
    suspects.push_back({.partition = {TopicName(std::string(rows.bytes(0))),
                                      Partition(static_cast<std::int32_t>(rows.integer(1)))},
                        .offset = Offset(rows.integer(2)),
                        .crashes = static_cast<int>(rows.integer(3))});
  }
  return suspects;
}

void SuspectRows::clear(const Scope& scope, const TopicPartition& partition, Offset offset) {
  m_clear.run(scope.cluster, scope.group.get(), partition.topic.get(), partition.partition.get(),
              offset.get());
}

}  // namespace kbeat::store
