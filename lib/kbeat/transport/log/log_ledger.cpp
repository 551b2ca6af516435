// Opens the parts of an embedded log.
#include "kbeat/transport/log/log_ledger.hpp"

#include <fmt/format.h>

#include <system_error>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/log/log_schema.hpp"

namespace kbeat::transport::log {
namespace {

std::filesystem::path beside(std::filesystem::path log, const char* suffix) {
  return log += suffix;
}

/// A log gets its neighbour once it is whole: an empty file beside one has lost what it held, where one alone
/// is just being made.
const std::filesystem::path& unless_emptied(const std::filesystem::path& path) {
  std::error_code failure;
  const bool empty = std::filesystem::file_size(path, failure) == 0 && !failure;
  const std::filesystem::path neighbour = beside(path, ".notify");
  if (!empty || !std::filesystem::exists(neighbour, failure)) return path;
  throw Error(ErrorCode::database,
              fmt::format("{0} is empty, and was a log before: put a copy of it back, or begin a new one by "
                          "removing {0} and {1}",
                          path.string(), neighbour.filename().string()));
}

}  // namespace

LogLedger::Prepared::Prepared(const std::filesystem::path& path, sqlite::Access access)
    : database(unless_emptied(path), {.access = access,
                                      .application_id = k_application_id,
                                      .purpose = "log",
                                      .network_disks = sqlite::NetworkDisks::refused,
                                      .patience = Milliseconds{5000}}) {
  prepare_log(database);
}

LogLedger::LogLedger(const std::filesystem::path& path, sqlite::Access access)
    : m_file(path, access),
      m_notify(access == sqlite::Access::read_only ? NotifyFile() : NotifyFile(beside(path, ".notify"))),
      m_presence(access == sqlite::Access::read_only ? PresenceFile()
                                                     : PresenceFile(beside(path, ".members"))),
      m_topics(m_file.database, m_notify),
      m_groups(m_file.database, m_notify),
      m_records(m_file.database, m_notify, m_topics, m_groups) {}

}  // namespace kbeat::transport::log
