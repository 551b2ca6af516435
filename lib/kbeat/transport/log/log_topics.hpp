// Topics in the embedded log.
#pragma once

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/log/notify_file.hpp"

namespace kbeat::transport::log {

/// The database and the file must outlive it.
class LogTopics final : public local::TopicLedger {
 public:
  LogTopics(sqlite::Database& database, NotifyFile& notify);

  [[nodiscard]] std::string cluster_id() override;
  [[nodiscard]] std::vector<local::TopicState> all() override;
  [[nodiscard]] std::optional<local::TopicState> find(const TopicName& topic) override;
  void create(const TopicSpec& spec) override;
  void alter(const local::TopicState& topic) override;
  void remove(const TopicName& topic) override;

 private:
  [[nodiscard]] local::TopicState details(TopicName name, std::int64_t id);
  void write_details(const local::TopicState& topic);

  sqlite::Database& m_database;
  NotifyFile& m_notify;
  sqlite::Statement m_cluster;
  sqlite::Statement m_all;
  sqlite::Statement m_find;
  sqlite::Statement m_partitions;
  sqlite::Statement m_config;
  sqlite::Statement m_insert;
  sqlite::Statement m_insert_partition;
  sqlite::Statement m_set_config;
  sqlite::Statement m_remove;
  sqlite::Statement m_doom;
};

}  // namespace kbeat::transport::log
