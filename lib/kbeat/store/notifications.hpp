// The notifications table for those who deliver: each row to one of several processes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
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
  /// Somebody began it and never noted how that ended: a process died with it in its hand, and may have
  /// delivered it. Of a row that was claimed just now: somebody before. Ends with the row being sent.
  bool in_doubt = false;
};

enum class NotificationState { any, unsent, sent };

/// One connection, for one thread. A claim is a lease: rows claimed by a process that died come back when it
/// is over. What is marked under a claim that ran out meanwhile is not marked. A row is noted as begun before
/// it is delivered, in the transaction that settles the one before it: so it is known which one was in hand.
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
  /// Unsent rows with higher ids than `after` that nobody has claimed: those with the fewest attempts first,
  /// and of these the oldest, so that what fails holds nothing back.
  [[nodiscard]] std::vector<std::int64_t> waiting(std::int64_t after, WallTime now);
  /// Those of the rows that are unsent and that nobody has claimed, in the order given; the first is begun.
  [[nodiscard]] std::vector<Notification> claim(const Claim& claim, std::span<const std::int64_t> ids);
  /// The one row, if it can be claimed; begun.
  [[nodiscard]] bool claim_one(const Claim& claim, std::int64_t id);
  /// Claims the row in hand for longer. False when it is another's by now.
  [[nodiscard]] bool keep(const Claim& claim, std::int64_t id);

  /// How the row in hand was settled: sent, or failed and unsent for the next run.
  struct Settled {
    std::int64_t id = 0;
    std::string owner;
    WallTime now;
    int attempts = 1;
    bool sent = false;
    std::string error{};
    std::optional<std::int64_t> next{};  ///< the row that is begun now
  };
  /// False when the claim is another's by now: somebody else delivered it too, or will.
  bool settle(const Settled& settled);
  /// Gives back what was claimed and not settled; `begun` was begun and is not going to be delivered.
  void release(const std::string& owner, const std::optional<std::int64_t>& begun);
  /// Unsent rows that others have claimed.
  [[nodiscard]] std::int64_t claimed_by_others(const std::string& owner, WallTime now);

 private:
  std::unique_ptr<sqlite::Database> m_database;
};

}  // namespace kbeat::store
