// A ledger in an SQLite file, shared by processes.
#pragma once

#include <filesystem>

#include "kbeat/transport/log/log_records.hpp"
#include "kbeat/transport/log/log_topics.hpp"
#include "kbeat/transport/log/presence_file.hpp"

namespace kbeat::transport::log {

/// One connection; for one thread.
class LogLedger final : public local::Ledger {
 public:
  /// Opens or, unless only to read it, makes the log. Who only reads makes no file, hears of no change and is
  /// in no group; writing is then none of the ledger's uses. Throws Error.
  explicit LogLedger(const std::filesystem::path& path, sqlite::Access access = sqlite::Access::read_write);

  [[nodiscard]] local::TopicLedger& topics() override { return m_topics; }
  [[nodiscard]] local::RecordLedger& records() override { return m_records; }
  [[nodiscard]] local::GroupLedger& groups() override { return m_groups; }
  [[nodiscard]] local::ChangeSignal& changes() override { return m_notify; }
  [[nodiscard]] local::Presence& presence() override { return m_presence; }

 private:
  /// Brings the tables up to date before statements on them are prepared.
  struct Prepared {
    Prepared(const std::filesystem::path& path, sqlite::Access access);
    sqlite::Database database;
  };

  Prepared m_file;
  NotifyFile m_notify;
  PresenceFile m_presence;
  LogTopics m_topics;
  LogGroups m_groups;
  LogRecords m_records;
};

}  // namespace kbeat::transport::log
