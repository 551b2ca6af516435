// Opens the parts of an embedded log.
#include "kbeat/transport/log/log_ledger.hpp"

#include "kbeat/transport/log/log_schema.hpp"

namespace kbeat::transport::log {
namespace {

std::filesystem::path beside(std::filesystem::path log, const char* suffix) {
  return log += suffix;
}

}  // namespace

LogLedger::Prepared::Prepared(const std::filesystem::path& path)
    : database(path, {.access = sqlite::Access::read_write,
                      .application_id = k_application_id,
                      .purpose = "log",
                      .network_disks = sqlite::NetworkDisks::refused,
                      .patience = Milliseconds{5000}}) {
  prepare_log(database);
}

LogLedger::LogLedger(const std::filesystem::path& path)
    : m_file(path),
      m_notify(beside(path, ".notify")),
      m_presence(beside(path, ".members")),
      m_topics(m_file.database, m_notify),
      m_groups(m_file.database, m_notify),
      m_records(m_file.database, m_notify, m_topics, m_groups) {}

}  // namespace kbeat::transport::log
