// Retention, compaction and the giving back of space in the embedded log.
#pragma once

#include <optional>
#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/transport/local/cleaning.hpp"
#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/log/notify_file.hpp"

namespace kbeat::transport::log {

/// Works in many short transactions, so that writers get in between. Several processes may clean at the
/// same time. The database, the file and the topics must outlive it.
class LogCleaner {
 public:
  LogCleaner(sqlite::Database& database, NotifyFile& notify, local::TopicLedger& topics);

  local::Cleaned clean(WallTime now, local::CleaningEffort effort);

 private:
  struct Target {
    TopicPartition partition;
    local::PartitionKey key{0};
    local::TopicRules rules;
    WallTime now;
  };
  struct Rewritten {
    std::int64_t place = 0;
    std::size_t size_before = 0;
    local::StoredBatch left;
  };

  [[nodiscard]] bool is_due(WallTime now);
  [[nodiscard]] bool is_believed(WallTime now);
  [[nodiscard]] static std::optional<std::int64_t> fact(sqlite::Statement& statement);
  void finish(WallTime now);
  [[nodiscard]] local::Cleaned expire(const Target& target);
  void compact(const Target& target, local::CleaningEffort effort);
  /// Fills `keys` from the part that was never compacted; returns where it ends.
  [[nodiscard]] Offset learn_keys(const Target& target, Offset from, local::KeyMap& keys);
  void rewrite(const Target& target, const local::KeyMap& keys, Offset end);
  /// The number of rows changed: none when another process was faster.
  std::int64_t replace(const Rewritten& batch);
  void write_back(const Target& target, std::vector<Rewritten>& batches);

  sqlite::Database& m_database;
  NotifyFile& m_notify;
  local::TopicLedger& m_topics;
  sqlite::Statement m_cleaned;
  sqlite::Statement m_set_cleaned;
  sqlite::Statement m_doubted;
  sqlite::Statement m_doubted_steady;
  sqlite::Statement m_set_doubted;
  sqlite::Statement m_forget_doubt;
  sqlite::Statement m_forget_producers;
  sqlite::Statement m_bytes;
  sqlite::Statement m_oldest;
  sqlite::Statement m_drop;
  sqlite::Statement m_set_start;
  sqlite::Statement m_progress;
  sqlite::Statement m_set_progress;
  sqlite::Statement m_from;
  sqlite::Statement m_replace;
  sqlite::Statement m_drop_emptied;
  sqlite::Statement m_shrink;
};

/// Removes the batches of deleted topics, until `deadline` if there is one.
local::Cleaned remove_doomed(sqlite::Database& database, std::optional<SteadyTime> deadline);

}  // namespace kbeat::transport::log
