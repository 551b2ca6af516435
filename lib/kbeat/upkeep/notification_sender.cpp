// Claim, deliver, mark, row by row.
#include "kbeat/upkeep/notification_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

constexpr std::uint64_t k_rows_at_once = 100;

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
      // Tries and waits may take longer than a claim lasts.
      if (!m_rows.keep({.owner = options.owner, .now = m_clock.now()}, row.id)) break;
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

SendCounts NotificationSender::send_all(const SendOptions& options, std::stop_token stop, const Told& told) {
  SendCounts counts;
  const auto left = [&] {
    return options.limit ? *options.limit - (counts.sent + counts.failed) : std::uint64_t{k_rows_at_once};
  };
  // Each row comes once in a run: what fails would else come again behind the others.
  std::vector<std::int64_t> waiting;
  std::int64_t newest = 0;
  std::size_t next = 0;
  while (!stop.stop_requested() && left() > 0) {
    if (next == waiting.size()) {
      waiting = m_rows.waiting(newest, m_clock.now());
      if (waiting.empty()) break;
      newest = *std::max_element(waiting.begin(), waiting.end());
      next = 0;
    }
    const auto most = std::min<std::uint64_t>({k_rows_at_once, left(), waiting.size() - next});
    next += send_some(std::span(waiting).subspan(next, most), options, stop, [&](const auto& result) {
      ++(result.sent ? counts.sent : counts.failed);
      told(result);
    });
  }
  counts.left_to_others = static_cast<std::uint64_t>(m_rows.claimed_by_others(options.owner, m_clock.now()));
  return counts;
}

/// Returns how many of the ids are done with.
std::size_t NotificationSender::send_some(std::span<const std::int64_t> ids, const SendOptions& options,
                                          const std::stop_token& stop, const Told& told) {
  const auto rows = m_rows.claim({.owner = options.owner, .now = m_clock.now()}, ids);
  const SteadyTime claimed = m_clock.steady();
  std::optional<std::int64_t> begun;
  if (!rows.empty()) begun = rows.front().id;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // A slow messenger must not outlive the claim: what is left goes back, and is claimed anew.
    constexpr Milliseconds k_hold{30'000};
    if (stop.stop_requested() || m_clock.steady() - claimed > k_hold) break;
    const auto next = i + 1 < rows.size() ? std::optional(rows[i + 1].id) : std::nullopt;
    const SentNotification result = send(rows[i], options, stop, next);
    begun = next;
    told(result);
  }
  m_rows.release(options.owner, begun);
  if (!begun) return ids.size();
  return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), *begun) - ids.begin());
}

}  // namespace kbeat::upkeep
