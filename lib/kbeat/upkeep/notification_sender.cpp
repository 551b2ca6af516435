// Claim, deliver, mark, row by row.
#include "kbeat/upkeep/notification_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::upkeep {
namespace {

constexpr std::int64_t k_rows_at_once = 100;

std::string quoted(const std::string& text) {
  std::string out;
  append_json_string(out, clean_utf8(text, text.size() * 3));
  return out;
}

}  // namespace

Message message_of(const store::Notification& row) {
  return {.id = fmt::format("notification/{}", row.id),
          .text = fmt::format("notification {} for {}: {}: {}", row.id, row.user_id, row.event, row.content),
          .json = fmt::format(R"({{"id":{},"user_id":{},"event":{},"content":{},"created_at":"{}"}})", row.id,
                              quoted(row.user_id), quoted(row.event), quoted(row.content),
                              to_rfc3339(row.created))};
}

NotificationSender::NotificationSender(store::Notifications& rows, Messenger& messenger, Clock& clock)
    : m_rows(rows), m_messenger(messenger), m_clock(clock) {}

SentNotification NotificationSender::send(const store::Notification& row, const SendOptions& options,
                                          std::stop_token stop) {
  SentNotification result{.id = row.id, .user_id = row.user_id, .error = {}};
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
  if (result.sent) {
    result.error.clear();
    m_rows.mark_sent(row.id, options.owner, m_clock.now(), result.attempts);
  } else {
    m_rows.mark_failed(row.id, options.owner, result.error, result.attempts);
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
    if (rows.empty()) return counts;
    const SteadyTime claimed = m_clock.steady();
    for (const store::Notification& row : rows) {
      // A slow messenger must not outlive the claim: what is left goes back, and is claimed anew.
      constexpr Milliseconds k_hold{30'000};
      if (stop.stop_requested() || m_clock.steady() - claimed > k_hold) break;
      const SentNotification result = send(row, options, stop);
      ++(result.sent ? counts.sent : counts.failed);
      after = row.id;
      told(result);
    }
    m_rows.release(options.owner);
  }
  return counts;
}

}  // namespace kbeat::upkeep
