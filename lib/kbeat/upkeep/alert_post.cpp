// The thread that delivers.
#include "kbeat/upkeep/alert_post.hpp"

#include <optional>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::upkeep {
namespace {

constexpr std::size_t k_most_waiting = 100;
constexpr Milliseconds k_at_the_end{5000};

}  // namespace

AlertPost::AlertPost(Messenger& messenger, Milliseconds pause) : m_messenger(messenger), m_pause(pause) {
  m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

AlertPost::~AlertPost() {
  m_thread.request_stop();
  m_thread.join();
  for (const Message& message : m_waiting) log_error("not delivered before the end: {}", message.text);
}

void AlertPost::put(Message message) {
  const std::lock_guard lock(m_mutex);
  if (m_waiting.size() >= k_most_waiting) {
    log_error("too many alerts wait to be delivered; given up: {}", m_waiting.front().text);
    m_waiting.pop_front();
  }
  m_waiting.push_back(std::move(message));
  m_wake.notify_all();
}

void AlertPost::run(const std::stop_token& stop) {
  std::optional<SteadyTime> end;
  std::unique_lock lock(m_mutex);
  while (m_wake.wait(lock, stop, [this] { return !m_waiting.empty(); })) {
    if (stop.stop_requested() && !end) end = steady_now() + k_at_the_end;
    if (end && steady_now() > *end) return;
    Message message = std::move(m_waiting.front());
    m_waiting.pop_front();
    lock.unlock();
    const bool delivered = deliver(message, stop);
    lock.lock();
    if (delivered) continue;
    m_waiting.push_front(std::move(message));
    if (stop.stop_requested()) return;
    m_wake.wait_for(lock, stop, m_pause, [] { return false; });
  }
}

bool AlertPost::deliver(const Message& message, const std::stop_token& stop) {
  try {
    m_messenger.deliver(message, stop);
    m_complained = false;
    return true;
  } catch (const Error& error) {
    // Said once, not with every try.
    if (!std::exchange(m_complained, true))
      log_error("alerts wait to be delivered by {}: {}", m_messenger.name(), error.what());
    return false;
  }
}

}  // namespace kbeat::upkeep
