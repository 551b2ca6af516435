// Delivers messages in order, however long that takes, while others measure.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

#include "kbeat/upkeep/messenger.hpp"

namespace kbeat::upkeep {

/// Owns one thread. What cannot be delivered is tried again after a pause, before all that came later. A
/// hundred messages may wait; the oldest goes when there are more, and the log has its text. At the end what
/// waits is delivered as long as that works and takes less than 5 s in all; the log has the rest.
class AlertPost {
 public:
  /// The messenger outlives it.
  AlertPost(Messenger& messenger, Milliseconds pause);
  ~AlertPost();

  /// Any thread; never waits for a delivery.
  void put(Message message);

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] bool deliver(const Message& message, const std::stop_token& stop);

  Messenger& m_messenger;
  Milliseconds m_pause;
  bool m_complained = false;

  std::mutex m_mutex;  ///< guards what follows
  std::condition_variable_any m_wake;
  std::deque<Message> m_waiting;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::upkeep
