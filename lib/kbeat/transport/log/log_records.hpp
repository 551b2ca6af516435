// Producers and stored batches in the embedded log.
#pragma once

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/log/log_cleaner.hpp"
#include "kbeat/transport/log/log_groups.hpp"
#include "kbeat/transport/log/notify_file.hpp"

namespace kbeat::transport::log {

/// The database, the file, the topics and the groups must outlive it.
class LogRecords final : public local::RecordLedger {
 public:
  LogRecords(sqlite::Database& database, NotifyFile& notify, local::TopicLedger& topics, LogGroups& groups);

  [[nodiscard]] local::ProducerStamp enter(const std::string& transactional_id) override;
  std::vector<local::Appended> append(const local::Append& append) override;
  [[nodiscard]] std::optional<local::Fetched> fetch(local::PartitionKey partition, Offset from,
                                                    std::size_t most_bytes) override;
  [[nodiscard]] std::optional<local::StoredBatch> find_time(local::PartitionKey partition,
                                                            WallTime time) override;
  local::Cleaned clean(WallTime now, local::CleaningEffort effort) override;

 private:
  using OutboxSets = std::map<std::string, local::SequenceSet>;

  [[nodiscard]] bool was_stored(const local::Append& append);
  void check_holder(const local::ProducerStamp& producer);
  [[nodiscard]] local::Appended store(const local::NewBatch& batch, OutboxSets& outbox);
  [[nodiscard]] local::SequenceSet& outbox_of(const std::string& store, OutboxSets& outbox);
  void write_outbox(const OutboxSets& outbox);
  void read_batches(local::PartitionKey partition, Offset from, std::size_t most_bytes,
                    local::Fetched& fetched);

  sqlite::Database& m_database;
  NotifyFile& m_notify;
  LogGroups& m_groups;
  sqlite::Statement m_take_transactional_id;
  sqlite::Statement m_holder;
  sqlite::Statement m_sequence;
  sqlite::Statement m_set_sequence;
  sqlite::Statement m_partition;
  sqlite::Statement m_advance;
  sqlite::Statement m_insert;
  sqlite::Statement m_ends;
  sqlite::Statement m_first_place;
  sqlite::Statement m_batches;
  sqlite::Statement m_outbox;
  sqlite::Statement m_clear_outbox;
  sqlite::Statement m_add_outbox;
  sqlite::Statement m_first_newer;
  sqlite::Statement m_newer_from;
  LogCleaner m_cleaner;
};

}  // namespace kbeat::transport::log
