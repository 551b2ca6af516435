// Delivers stored notifications: what failed least often, and of that the oldest first.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "kbeat/base/backoff.hpp"
#include "kbeat/store/notifications.hpp"
#include "kbeat/upkeep/messenger.hpp"

namespace kbeat::upkeep {

/// What became of one row.
struct SentNotification {
  std::int64_t id = 0;
  std::string user_id;
  bool sent = false;
  int attempts = 0;
  std::string error;
  bool possibly_twice = false;  ///< another process may have delivered it too
};

struct SendOptions {
  std::string owner;  ///< unique name of this process
  std::optional<std::uint64_t> limit;
  int max_retries = 2;  ///< after the first try, of what may be delivered later
  BackoffPolicy backoff{};
};

struct SendCounts {
  std::uint64_t sent = 0;
  std::uint64_t failed = 0;
  std::uint64_t left_to_others = 0;  ///< unsent, and claimed by other processes
};

/// Several may work on one store: each row is delivered by one of them. A row is marked when it was
/// delivered, so a process killed in between leaves at most the row in its hand to be delivered again, once
/// its claim (a minute, renewed before each further try) is over: the log and that row's result say so. What
/// fails stays unsent, for the next run, and comes after what has failed less often.
class NotificationSender {
 public:
  NotificationSender(store::Notifications& rows, Messenger& messenger, Clock& clock);

  using Told = std::function<void(const SentNotification&)>;
  /// Until every unsent row had its turn, the limit is reached or `stop` is requested.
  SendCounts send_all(const SendOptions& options, std::stop_token stop, const Told& told);
  /// One row that is claimed by the owner and begun; `next` is begun when it is settled. It ends when another
  /// has taken the row over.
  [[nodiscard]] SentNotification send(const store::Notification& row, const SendOptions& options,
                                      std::stop_token stop,
                                      const std::optional<std::int64_t>& next = std::nullopt);

 private:
  std::size_t send_some(std::span<const std::int64_t> ids, const SendOptions& options,
                        const std::stop_token& stop, const Told& told);

  store::Notifications& m_rows;
  Messenger& m_messenger;
  Clock& m_clock;
};

[[nodiscard]] Message message_of(const store::Notification& row);

}  // namespace kbeat::upkeep
