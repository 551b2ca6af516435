// The notifications table for those who deliver: each row to one of several processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

struct Notification {
  std::int64_t id = 0;
  std::string user_id;
  std::string event;
  std::string content;
  std::string status;  ///< unsent or sent
  WallTime created;
  std::optional<WallTime> sent;
  int attempts = 0;
  std::string error;  ///< of the last attempt
};

enum class NotificationState { any, unsent, sent };

/// One connection, for one thread. A claim is a lease: rows claimed by a process that died come back when it
/// is over. What is marked under a claim that ran out meanwhile is not marked.
class Notifications {
 public:
  /// Opens the store in `data_dir`, making it when it is missing.
  explicit Notifications(const std::filesystem::path& data_dir);

  [[nodiscard]] std::vector<Notification> list(NotificationState state, std::int64_t limit);
  /// Adds an unsent row of nobody's event and returns its id.
  std::int64_t add(const std::string& user_id, const std::string& event, const std::string& content,
                   WallTime now);

  struct Claim {
    std::string owner;
    WallTime now;
    Milliseconds lease{60'000};
  };
  /// Up to `limit` unsent rows beyond `after` that nobody has claimed, oldest first.
  [[nodiscard]] std::vector<Notification> claim(const Claim& claim, std::int64_t after, std::int64_t limit);
  /// The one row, if it can be claimed.
  [[nodiscard]] bool claim_one(const Claim& claim, std::int64_t id);

  /// False when the claim is another's by now: somebody else delivered it too, or will.
  bool mark_sent(std::int64_t id, const std::string& owner, WallTime now, int attempts);
  /// The row stays unsent, for the next run.
  void mark_failed(std::int64_t id, const std::string& owner, const std::string& error, int attempts);
  /// Gives back what was claimed and not marked.
  void release(const std::string& owner);

 private:
  std::unique_ptr<sqlite::Database> m_database;
};

}  // namespace kbeat::store
