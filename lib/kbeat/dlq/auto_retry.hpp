// Retries dead letters of passing failures by itself: after growing waits, up to a number, then into the
// archive.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/clock.hpp"
#include "kbeat/dlq/letter_desk.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::dlq {

struct AutoRetryOptions {
  TopicName dlq{};
  BackoffPolicy backoff{};
  int max_replays = 3;
  Milliseconds look_every{1000};
  /// As long as somebody else decided letters within this time, it decides none: it would fence a running
  /// `dlq retry`.
  Milliseconds keep_off{60'000};
  Milliseconds timeout{30'000};
};

/// True for failures that may pass: a time limit, a dependency, or a handler that asked for another try.
[[nodiscard]] bool may_pass(const SeenLetter& letter);

/// Owns one thread, which works only while this process owns partition 0 of the DLQ in the group
/// `<dlq>-auto-retry`. What goes wrong is logged and tried again. All that it is given outlives it.
class AutoRetry {
 public:
  AutoRetry(transport::Transport& transport, std::function<std::unique_ptr<store::Store>()> open_store,
            AutoRetryOptions options, Clock& clock);
  AutoRetry(const AutoRetry&) = delete;
  AutoRetry& operator=(const AutoRetry&) = delete;

 private:
  void run(std::stop_token stop);
  void follow_group(transport::Consumer& consumer);
  void look(std::stop_token stop);
  [[nodiscard]] std::optional<WallTime> due_at(const SeenLetter& letter) const;
  void decide(std::stop_token stop);

  transport::Transport& m_transport;
  std::function<std::unique_ptr<store::Store>()> m_open_store;
  AutoRetryOptions m_options;
  Clock& m_clock;
  bool m_leads = false;
  std::map<TopicPartition, Offset> m_ends;        ///< of DLQ and states, when they were read last
  std::map<TopicPartition, Offset> m_own_states;  ///< of the states, as this process left them
  std::optional<WallTime> m_next_due;
  std::optional<SteadyTime> m_others_wrote;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::dlq
