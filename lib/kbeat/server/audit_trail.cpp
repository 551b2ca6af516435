// The audit's thread.
#include "kbeat/server/audit_trail.hpp"

#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_again{1000};
constexpr std::size_t k_longest_path = 1000;
/// Of a store that takes nothing for so long, the process's memory is worth more than the rows.
constexpr std::size_t k_most_waiting = 100'000;

}  // namespace

store::AuditRow audit_row(const HttpRequest& request, int status, WallTime now) {
  return {.at = now,
          .who = request.caller.name,
          .peer = request.peer,
          .method = request.method,
          .path = clean_utf8(request.path, k_longest_path),
          .status = status};
}

AuditTrail::AuditTrail(std::filesystem::path data_dir, Clock& clock)
    : m_data_dir(std::move(data_dir)),
      m_clock(clock),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

AuditTrail::~AuditTrail() {
  m_thread.request_stop();
  m_changed.notify_all();
}

void AuditTrail::note(const HttpRequest& request, int status) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_waiting.size() >= k_most_waiting) {
      log_error("audit: {} {} by {} ({}) is not kept: the store takes nothing", request.method, request.path,
                request.caller.name, status);
      return;
    }
    m_waiting.push_back(audit_row(request, status, m_clock.now()));
  }
  m_changed.notify_one();
}

bool AuditTrail::write(const std::vector<store::AuditRow>& rows) {
  try {
    if (!m_accounts) m_accounts = store::open_accounts(m_data_dir);
    m_accounts->note(rows);
    return true;
  } catch (const Error& error) {
    log_warning("audit: {} rows wait: {}", rows.size(), error.what());
    return false;
  }
}

void AuditTrail::run(std::stop_token stop) {
  std::vector<store::AuditRow> rows;
  while (true) {
    {
      std::unique_lock lock(m_mutex);
      m_changed.wait(lock, stop, [this] { return !m_waiting.empty(); });
      rows.insert(rows.end(), m_waiting.begin(), m_waiting.end());
      m_waiting.clear();
    }
    const bool written = rows.empty() || write(rows);
    if (written) rows.clear();
    if (stop.stop_requested()) return;
    if (!written) m_clock.wait(k_again, stop);
  }
}

}  // namespace kbeat::server
