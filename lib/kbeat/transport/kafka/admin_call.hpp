// Runs one admin request of librdkafka and waits for its result, no longer than it may take.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>
#include <thread>

#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

/// Sends the request with the given options; its result comes to the queue.
using AdminRequest = std::function<void(const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue)>;

/// Rehearsed: the broker says whether it would, and does nothing.
enum class Effect { real, rehearsed };

struct AdminCall {
  rd_kafka_admin_op_t operation;
  std::string_view doing;  ///< begins the message of an error
  Milliseconds timeout;
  Effect effect = Effect::real;  ///< of creating and altering only
};

/// Returns the event of the result; errors of single topics or groups are inside. Throws when the request as
/// a whole failed, at once when the brokers refuse the credentials.
[[nodiscard]] EventHandle run_admin(KafkaClient& client, const AdminCall& call, const AdminRequest& request);

/// The first error within the result of a group request.
using ResultCode = std::function<rd_kafka_resp_err_t(rd_kafka_event_t& event)>;

/// As run_admin, and asks again while the group's coordinator is still loading or moving.
[[nodiscard]] EventHandle run_group_admin(KafkaClient& client, const AdminCall& call,
                                          const AdminRequest& request, const ResultCode& code_of);

/// Repeats `attempt` while it throws a retryable Error (a coordinator loads or moves) and `deadline` has not
/// come; returns what it returns.
template <typename Attempt>
auto until_settled(SteadyTime deadline, Attempt attempt) {
  constexpr Milliseconds k_pause{100};
  while (true) {
    try {
      return attempt();
    } catch (const Error& error) {
      if (!error.retryable() || std::chrono::steady_clock::now() >= deadline) throw;
    }
    std::this_thread::sleep_for(k_pause);
  }
}

/// While no broker can be connected to.
enum class WhenDown { wait, give_up };

struct SlicedCall {
  std::string_view doing;  ///< begins the message of an error
  Milliseconds timeout;
  WhenDown when_down = WhenDown::wait;
};

/// Repeats `attempt` in short slices until it returns anything but a connectivity error, the credentials are
/// refused, the time is over or, when told to give up, all brokers are down; throws what it returned last
/// unless that was success.
void run_sliced(KafkaClient& client, const SlicedCall& call,
                const std::function<rd_kafka_resp_err_t(Milliseconds slice)>& attempt);

}  // namespace kbeat::transport
