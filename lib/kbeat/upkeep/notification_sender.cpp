// Claim, deliver, mark, row by row.
#include "kbeat/upkeep/notification_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

constexpr std::int64_t k_rows_at_once = 100;

}  // namespace

Message message_of(const store::Notification& row) {
  return {.id = fmt::format("notification/{}", row.id),
          .text = fmt::format("notification {} for {}: {}: {}", row.id, row.user_id, row.event, row.content),
          .json = fmt::format(
              R"({{"id":{},"user_id":{},"event":{},"content":{},"created_at":"{}","possibly_twice":{}}})",
              row.id, json_string(row.user_id), json_string(row.event), json_string(row.content),
              to_rfc3339(row.created), row.in_doubt)};
}

NotificationSender::NotificationSender(store::Notifications& rows, Messenger& messenger, Clock& clock)
    : m_rows(rows), m_messenger(messenger), m_clock(clock) {}

SentNotification NotificationSender::send(const store::Notification& row, const SendOptions& options,
                                          std::stop_token stop, const std::optional<std::int64_t>& next) {
  SentNotification result{.id = row.id, .user_id = row.user_id, .error = {}, .possibly_twice = row.in_doubt};
  if (row.in_doubt)
    log_warning("notification {}: the process that had it in hand is gone, it may be delivered twice",
                row.id);
  const Message message = message_of(row);
  while (!result.sent) {
    ++result.attempts;
    try {
      m_messenger.deliver(message, stop);
      result.sent = true;
    } catch (const Error& error) {
      result.error = error.what();
      if (!error.retryable() || result.attempts > options.max_retries) break;
      const auto tried = static_cast<std::uint64_t>(result.attempts);
      if (m_clock.wait(backoff_delay(options.backoff, tried, 0.5), stop) == Waited::stopped) break;
    }
  }
  if (result.sent) result.error.clear();
  const bool ours = m_rows.settle({.id = row.id,
                                   .owner = options.owner,
                                   .now = m_clock.now(),
                                   .attempts = result.attempts,
                                   .sent = result.sent,
                                   .error = result.error,
                                   .next = next});
  if (!ours) {
    result.possibly_twice = true;
    log_warning("notification {}: it took so long that another process took it over", row.id);
  }
  return result;
}

SendCounts NotificationSender::send_all(const SendOptions& options, std::stop_token stop,
                                        const std::function<void(const SentNotification&)>& told) {
  SendCounts counts;
  std::int64_t after = 0;
  const auto left = [&] {
    return options.limit ? *options.limit - (counts.sent + counts.failed) : std::uint64_t{k_rows_at_once};
  };
  while (!stop.stop_requested() && left() > 0) {
    const auto most = std::min<std::int64_t>(k_rows_at_once, static_cast<std::int64_t>(left()));
    const auto rows = m_rows.claim({.owner = options.owner, .now = m_clock.now()}, after, most);
    if (rows.empty()) break;
    const SteadyTime claimed = m_clock.steady();
    std::optional<std::int64_t> begun = rows.front().id;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // A slow messenger must not outlive the claim: what is left goes back, and is claimed anew.
      constexpr Milliseconds k_hold{30'000};
      if (stop.stop_requested() || m_clock.steady() - claimed > k_hold) break;
      const auto next = i + 1 < rows.size() ? std::optional(rows[i + 1].id) : std::nullopt;
      const SentNotification result = send(rows[i], options, stop, next);
      begun = next;
      ++(result.sent ? counts.sent : counts.failed);
      after = result.id;
      told(result);
    }
    m_rows.release(options.owner, begun);
  }
  counts.left_to_others = static_cast<std::uint64_t>(m_rows.claimed_by_others(options.owner, m_clock.now()));
  return counts;
}

}  // namespace kbeat::upkeep
