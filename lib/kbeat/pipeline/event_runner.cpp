// From record to outcome: shape, route, handler, and the meaning of its exceptions.
#include "kbeat/pipeline/event_runner.hpp"

#include <fmt/format.h>

#include <exception>
#include <new>
#include <random>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/partition_state.hpp"
#include "kbeat/pipeline/record_mark.hpp"

namespace kbeat::pipeline {
namespace {

double random_share() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

Outcome outcome_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::timed_out: return Retry{FailureCategory::timeout, error.what(), std::nullopt};
    case ErrorCode::unreachable:
    case ErrorCode::busy:
    case ErrorCode::no_space: return Retry{FailureCategory::dependency, error.what(), std::nullopt};
    default: break;
  }
  if (error.retryable()) return Retry{FailureCategory::processing, error.what(), std::nullopt};
  return Reject{FailureCategory::processing, error.what()};
}

std::string place_of(const RecordView& record) {
  return fmt::format("{}/{}/{}", record.topic, record.partition.get(), record.offset.get());
}

}  // namespace

EventRunner::EventRunner(const handlers::Registry& registry, const RunnerOptions& options,
                         std::string cluster, Clock& clock)
    : m_registry(registry), m_options(options), m_cluster(std::move(cluster)), m_clock(clock) {}

void EventRunner::run(Work& work, const std::stop_token& stop) const {
  const SteadyTime begun = m_clock.steady();
  std::optional<Event> event;
  std::optional<Outcome> outcome;
  work.seen = work.record;
  follow(work, nullptr);
  try {
    if (m_options.decode && !decode(work)) return;
    recognise(work, event);
    if (event) follow(work, &*event);
    const LogScope scope(trail_fields(work.trail));
    outcome = handle(work, event, stop);
  } catch (const Error& error) {
    outcome = Reject{FailureCategory::deserialization, error.what()};
    if (error.retryable()) outcome = outcome_of(error);
  }
  const LogScope scope(trail_fields(work.trail));
  work.took += m_clock.steady() - begun;
  if (!outcome || (stop.stop_requested() && std::holds_alternative<Retry>(*outcome))) return;
  if (Done* done = std::get_if<Done>(&*outcome)) {
    work.value_hash = value_hash(work.record);
    add_what_travels(work, event, *done);
  }
  settle(work, *std::move(outcome));
}

/// All tries of an event are one step of its trace.
void EventRunner::follow(Work& work, const Event* event) {
  if (work.trail.context) {
    if (work.trail.correlation_id.empty() && event != nullptr)
      work.trail.correlation_id = trail_of(work.record, event).correlation_id;
    return;
  }
  work.trail = trail_of(work.record, event);
  if (work.trail.context) work.trail.context = next_step(*work.trail.context);
}

/// False when what decodes is away and pauses.
bool EventRunner::decode(Work& work) const {
  constexpr std::string_view k_registry = "schema registry";
  if (!work.record.value) return true;
  if (m_options.breakers) {
    if (const auto wait = m_options.breakers->wait_until(k_registry)) {
      work.due = *wait;
      return false;
    }
  }
  Outcome outcome = Done{};
  try {
    if (auto json = m_options.decode(*work.record.value)) {
      work.decoded = *std::move(json);
      work.seen.value = work.decoded;
    }
  } catch (const Error& error) {
    if (error.retryable()) outcome = outcome_of(error);
    if (!m_options.breakers) throw;
    const auto again = m_options.breakers->settle(k_registry, place_of(work.record), outcome);
    if (!again) throw;
    work.due = *again;
    return false;
  }
  if (m_options.breakers) m_options.breakers->settle(k_registry, place_of(work.record), outcome);
  return true;
}

void EventRunner::recognise(Work& work, std::optional<Event>& event) const {
  const LogIdentity log{m_cluster, work.partition->incarnation()};
  const std::string_view topic =
      m_options.as_topic ? std::string_view(*m_options.as_topic) : work.record.topic;
  if (m_registry.routing(topic) == handlers::TopicRouting::json) {
    try {
      event = parse_event(work.seen);
    } catch (const Error&) {
      work.identity = event_identity(work.record, nullptr, log);
      throw;
    }
    work.type = event->type;
    work.event_id = event->id;
  }
  work.identity = event_identity(work.record, event ? &*event : nullptr, log);
}

std::optional<Outcome> EventRunner::handle(Work& work, const std::optional<Event>& event,
                                           const std::stop_token& stop) const {
  const std::string_view topic =
      m_options.as_topic ? std::string_view(*m_options.as_topic) : work.record.topic;
  const handlers::Route route = m_registry.find(topic, work.type);
  if (std::holds_alternative<handlers::UnhandledTopic>(route))
    return unhandled(work, Unhandled::topic, topic);
  if (std::holds_alternative<handlers::UnhandledType>(route))
    return unhandled(work, Unhandled::type, work.type);
  handlers::Handler& handler = *std::get<handlers::Handler*>(route);
  work.handler = handler.name();
  if (event && m_options.fault_of) {
    if (auto fault = m_options.fault_of(topic, *event))
      return Reject{FailureCategory::schema, *std::move(fault)};
  }
  if (event) return run_handler(handler, work, *event, stop);
  Event raw;
  raw.shape = EventShape::raw;
  raw.body = raw.document = work.seen.value.value_or(std::string_view());
  return run_handler(handler, work, raw, stop);
}

std::optional<Outcome> EventRunner::run_handler(handlers::Handler& handler, Work& work, const Event& event,
                                                const std::stop_token& stop) const {
  if (m_options.rehearses && handler.place() == handlers::Place::elsewhere) return Done{};
  const bool slow = handler.cost() == handlers::Cost::slow;
  if (slow && m_options.done_before && m_options.done_before(work.handler, work.identity)) return Done{};
  if (!m_options.breakers) return call(handler, work, event, stop);
  if (const auto wait = m_options.breakers->wait_until(work.handler)) {
    work.due = *wait;
    return std::nullopt;
  }
  Outcome outcome = call(handler, work, event, stop);
  if (const auto again = m_options.breakers->settle(work.handler, work.identity, outcome)) {
    work.due = *again;
    return std::nullopt;
  }
  return outcome;
}

Outcome EventRunner::call(handlers::Handler& handler, const Work& work, const Event& event,
                          const std::stop_token& stop) const {
  const Milliseconds limit = handler.time_limit().value_or(m_options.handler_timeout);
  const handlers::HandlerContext context{.identity = work.identity,
                                         .attempt = work.attempts + 1,
                                         .deadline = m_clock.steady() + limit,
                                         .time_limit = limit,
                                         .stop = stop,
                                         .trail = &work.trail};
  try {
    return handler.handle(work.seen, event, context);
  } catch (const Error& error) {
    return outcome_of(error);
  } catch (const std::bad_alloc&) {
    // No fault of the event's: there may be memory again in a moment.
    return Retry{FailureCategory::processing, "the handler ran out of memory", std::nullopt};
  } catch (const std::exception& error) {
    return Reject{FailureCategory::processing, fmt::format("the handler failed: {}", error.what())};
  }
}

Outcome EventRunner::unhandled(Work& work, Unhandled what, std::string_view name) const {
  const std::string message =
      fmt::format("Unhandled {}: {}", what == Unhandled::type ? "event type" : "message topic",
                  name.empty() ? "(none)" : name);
  if (m_options.strict) return Reject{FailureCategory::schema, message};
  log_info("{}", message);
  work.unhandled = what;
  return Done{};
}

void EventRunner::add_what_travels(Work& work, const std::optional<Event>& event, Done& done) const {
  const bool kept = std::any_of(done.effects.begin(), done.effects.end(), [](const Effect& effect) {
    return std::holds_alternative<AppendEvent>(effect);
  });
  if (m_options.keep_events && event && work.unhandled == Unhandled::no && !kept) {
    done.effects.push_back(
        AppendEvent{event->type, event_subject(*event).value_or(""), std::string(event->document)});
  }
  const bool emits = std::any_of(done.effects.begin(), done.effects.end(),
                                 [](const Effect& effect) { return std::holds_alternative<Emit>(effect); });
  if (!emits) return;
  const std::vector<Header> origin = origin_headers(event_origin(work.record));
  for (Effect& effect : done.effects) {
    Emit* emit = std::get_if<Emit>(&effect);
    if (emit == nullptr) continue;
    if (!work.trail.empty()) set_trail(emit->headers, work.trail);
    emit->headers.push_back({std::string(names::k_event_id), emit->event_id});
    emit->headers.insert(emit->headers.end(), origin.begin(), origin.end());
  }
}

void EventRunner::give_up(const Work& work, const Reject& reject) {
  log_info("{} offset {}: it failed for good ({}, attempt {}): {}", to_string(work.partition->partition()),
           work.record.offset.get(), to_string(reject.category), work.attempts, reject.reason);
}

void EventRunner::settle(Work& work, Outcome outcome) const {
  ++work.attempts;
  const Retry* retry = std::get_if<Retry>(&outcome);
  if (retry == nullptr) {
    const Reject* reject = std::get_if<Reject>(&outcome);
    if (reject != nullptr && work.attempts == 1) work.first_failed = m_clock.now();
    if (reject != nullptr) give_up(work, *reject);
    work.outcome = std::move(outcome);
    return;
  }
  if (work.attempts == 1) work.first_failed = m_clock.now();
  const auto wait = next_try(m_options.retry, *retry, work.attempts, random_share());
  if (!wait) {
    work.outcome = Reject{retry->category, retry->reason};
    give_up(work, std::get<Reject>(*work.outcome));
    return;
  }
  log_info("{} offset {}: attempt {} failed, next in {}: {}", to_string(work.partition->partition()),
           work.record.offset.get(), work.attempts, seconds_text(*wait), retry->reason);
  work.due = m_clock.steady() + *wait;
}

}  // namespace kbeat::pipeline
