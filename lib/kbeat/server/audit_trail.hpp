// Rows of the audit for requests that are answered on a loop, which must not wait for a disk.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "kbeat/server/http_message.hpp"
#include "kbeat/store/accounts.hpp"

namespace kbeat::server {

[[nodiscard]] store::AuditRow audit_row(const HttpRequest& request, int status, WallTime now);

/// Owns one thread, which writes what has come since its last transaction; rows wait for a store that is
/// locked or full. Destruction writes the rest.
class AuditTrail {
 public:
  AuditTrail(std::filesystem::path data_dir, Clock& clock);
  AuditTrail(const AuditTrail&) = delete;
  AuditTrail& operator=(const AuditTrail&) = delete;
  ~AuditTrail();

  /// Any thread.
  void note(const HttpRequest& request, int status);

 private:
  void run(std::stop_token stop);
  /// False when the store does not take them now.
  [[nodiscard]] bool write(const std::vector<store::AuditRow>& rows);

  std::filesystem::path m_data_dir;
  Clock& m_clock;
  std::unique_ptr<store::Accounts> m_accounts;
  std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::vector<store::AuditRow> m_waiting;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::server
