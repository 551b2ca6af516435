// Opens the parts of an embedded log.
#include "kbeat/transport/log/log_ledger.hpp"

#include <fmt/format.h>

#include <system_error>
#include <thread>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/transport/log/log_schema.hpp"

namespace kbeat::transport::log {
namespace {

constexpr Milliseconds k_birth_patience{1000};
constexpr Milliseconds k_birth_look{10};

std::filesystem::path beside(std::filesystem::path log, const char* suffix) {
  return log += suffix;
}

bool holds_nothing(const std::filesystem::path& path) {
  std::error_code failure;
  return std::filesystem::file_size(path, failure) == 0 && !failure;
}

/// A log gets its neighbour once it is whole: an empty file beside one has lost what it held, where one alone
/// is just being made. So may be one beside the neighbour of a log that was removed: it is given a moment.
const std::filesystem::path& unless_emptied(const std::filesystem::path& path) {
  const std::filesystem::path neighbour = beside(path, ".notify");
  const SteadyTime deadline = steady_now() + k_birth_patience;
  std::error_code failure;
  while (holds_nothing(path) && std::filesystem::exists(neighbour, failure) && steady_now() < deadline)
    std::this_thread::sleep_for(k_birth_look);
  if (!holds_nothing(path) || !std::filesystem::exists(neighbour, failure)) return path;
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
