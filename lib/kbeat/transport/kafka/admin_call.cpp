// Waiting for results in slices, with an ear for errors of the connection.
#include "kbeat/transport/kafka/admin_call.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "kbeat/transport/kafka/kafka_errors.hpp"

namespace kbeat::transport {
namespace {

using Options = Handle<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;

constexpr Milliseconds k_answer_slice{250};
/// librdkafka reports a broker down after one address of its name; by then it has tried some more.
constexpr Milliseconds k_every_address{1000};

Options options_of(KafkaClient& client, const AdminCall& call) {
  Options options(rd_kafka_AdminOptions_new(client.get(), call.operation));
  std::array<char, 256> reason{};
  const auto code = rd_kafka_AdminOptions_set_request_timeout(
      options.get(), std::max(1, to_int(call.timeout)), reason.data(), reason.size());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, call.doing, reason.data());
  if (call.effect == Effect::real) return options;
  const auto only = rd_kafka_AdminOptions_set_validate_only(options.get(), 1, reason.data(), reason.size());
  if (only != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(only, call.doing, reason.data());
  return options;
}

}  // namespace

EventHandle run_admin(KafkaClient& client, const AdminCall& call, const AdminRequest& request) {
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  const Options options = options_of(client, call);
  const SteadyTime deadline = steady_now() + call.timeout;
  request(options.get(), queue.get());
  while (true) {
    const Milliseconds slice = std::min(k_answer_slice, left_until(deadline));
    EventHandle event(rd_kafka_queue_poll(queue.get(), to_int(slice)));
    client.absorb_waiting();
    if (!event && client.refused()) throw *client.refused();
    if (!event && steady_now() < deadline) continue;
    const auto code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return event;
    if (is_connectivity(code)) throw client.error(code, call.doing);
    const char* reason = rd_kafka_event_error_string(event.get());
    throw to_error(code, call.doing, reason != nullptr ? reason : "");
  }
}

EventHandle run_group_admin(KafkaClient& client, const AdminCall& call, const AdminRequest& request,
                            const ResultCode& code_of) {
  const SteadyTime deadline = steady_now() + call.timeout;
  return until_settled(deadline, [&] {
    EventHandle event = run_admin(client, {call.operation, call.doing, left_until(deadline)}, request);
    const auto code = code_of(*event);
    if (is_connectivity(code) && steady_now() < deadline) throw client.error(code, call.doing);
    return event;
  });
}

void run_sliced(KafkaClient& client, const SlicedCall& call,
                const std::function<rd_kafka_resp_err_t(Milliseconds slice)>& attempt) {
  // The first tries are short, so that a refusal is noticed soon; a slow broker gets all that is left.
  const SteadyTime deadline = steady_now() + call.timeout;
  const SteadyTime tried_all =
      call.when_down == WhenDown::give_up ? steady_now() + k_every_address : deadline;
  for (Milliseconds slice = k_answer_slice;; slice *= 2) {
    const bool early = steady_now() < tried_all;
    const Milliseconds limit = std::min(slice, left_until(early ? tried_all : deadline));
    const auto code = attempt(std::max(Milliseconds{1}, limit));
    client.absorb_waiting();
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return client.note_success();
    const SteadyTime now = steady_now();
    const bool hopeless = now >= deadline || (now >= tried_all && client.all_down());
    if (!is_connectivity(code) || client.refused() || hopeless) throw client.error(code, call.doing);
  }
}

}  // namespace kbeat::transport
