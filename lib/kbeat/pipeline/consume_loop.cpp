// The consume loop: one turn after the other until an end is reached, then the drain.
#include "kbeat/pipeline/consume_loop.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/identity.hpp"
#include "kbeat/pipeline/output_topics.hpp"

namespace kbeat::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_most_out = 2048;  ///< records handed to workers at once
constexpr Milliseconds k_broker_commit_every = 1s;
constexpr Milliseconds k_broker_commit_wait = 500ms;  ///< a coordinator that is away holds nobody up
constexpr Milliseconds k_show_every = 200ms;

std::string process_name() {
  return fmt::format("{}-{}", ::getpid(), std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace

ConsumeLoop::ConsumeLoop(const ConsumeParts& parts, ConsumeOptions options)
    : m_parts(parts),
      m_options(std::move(options)),
      m_owner(process_name()),
      m_flow(m_options.batch.max_ahead),
      m_begun(parts.clock.steady()),
      m_connect(m_options.connect, parts.clock,
                broker_probe(parts.transport, std::min(m_options.timeout, Milliseconds{10s})),
                m_options.attempts()),
      m_lanes(m_options.retries),
      m_last_record(m_begun),
      m_last_broker_commit(m_begun),
      m_last_shown(m_begun),
      m_store_retries(m_options.bounded(), parts.clock),
      m_log_retries(m_options.bounded(), parts.clock) {
  if (parts.transport.kind() != transport::TransportKind::kafka) m_connect.not_needed();
}

ConsumeLoop::~ConsumeLoop() = default;

ConsumeResult ConsumeLoop::run(std::stop_token stop) {
  m_store = m_parts.open_store();
  m_reporter = std::make_unique<RuntimeReporter>(m_parts.open_store,
                                                 ReporterOptions{.process = m_owner,
                                                                 .command = m_options.command,
                                                                 .group = m_options.group.get(),
                                                                 .heeds_switch = !m_options.bounded(),
                                                                 .watch = m_parts.watch,
                                                                 .tells_manager = !m_parts.nudge_relay},
                                                 m_parts.clock);
  m_connect.run(stop, [this] { show_state(Show::at_once); });
  ConsumeResult result{.end = ConsumeEnd::stopped, .counts = {}};
  if (!stop.stop_requested()) {
    open();
    while (!stop.stop_requested() && !m_failure) {
      turn();
      if (const auto end = reached_end()) {
        result.end = *end;
        break;
      }
    }
    drain();
    result.counts = m_committer->counts();
  }
  m_reporter.reset();
  if (m_failure) throw Error(*m_failure);
  return result;
}

void ConsumeLoop::open() {
  prepare_input_topics(m_parts.transport, m_options);
  prepare_output_topics(m_parts.transport, m_options);
  m_scope = {m_parts.transport.make_topic_admin(m_options.timeout)->cluster().id, m_options.group};
  note_interrupted(m_options.data_dir, m_store->outcomes());
  m_ownership =
      std::make_unique<Ownership>(m_parts.transport, *m_store,
                                  TakeoverOptions{m_scope, m_owner, m_options.policy, m_options.on_gap,
                                                  m_options.marks_of, m_options.timeout},
                                  m_options.exit_at_end, m_parts.clock);
  m_fellows = std::make_unique<FellowShare>(m_parts.transport, m_options);
  m_committer =
      std::make_unique<Committer>(m_store->outcomes(), m_scope, m_options, m_parts.sink, m_parts.clock);
  if (!m_parts.nudge_relay) {
    m_relay = std::make_unique<Relay>(m_parts.transport, m_parts.open_store,
                                      relay_options(m_parts.transport, m_options, m_owner));
  }
  m_workshop = std::make_unique<Workshop>(
      EventRunner(m_parts.registry, m_options.runner, m_scope.cluster, m_parts.clock),
      WorkshopOptions{.data_dir = m_options.data_dir,
                      .scope = m_scope,
                      .workers = m_options.workers,
                      .halt_on_reject = !m_options.dead_letters,
                      .trial = m_parts.trial,
                      .handler_timeout = m_options.runner.handler_timeout});
  m_consumer = m_parts.transport.make_consumer(m_options.subscription());
  m_last_record = m_parts.clock.steady();
}

void ConsumeLoop::turn() {
  try {
    show_state();
    m_connect.step();
    if (m_options.exit_at_end && m_options.runner.breakers)
      m_options.runner.breakers->check(m_options.runner.retry.backoff.cap * 4);
    if (m_assigned && m_connect.state().connected && m_store_retries.may_try()) take_over();
    collect();
    dispatch();
    commit_if_due();
    cross_gaps();
    m_gone.check(m_parts.transport, m_parts.clock.steady(), m_options.timeout);
    m_flow.steer(m_ownership->owned(),
                 {.bytes = m_lanes.bytes(), .closed = intake_closed() || !m_reporter->is_on()}, *m_consumer);
    poll();
  } catch (const Error& error) {
    const bool passes = error.retryable() && (!m_options.bounded() || is_about_files(error.code()));
    if (!passes || (of_files(error) && !m_store_retries.plan_next(error))) {
      m_failure = error;
    } else if (!of_files(error)) {
      m_connect.lost(error.what());
    }
  }
}

// --- events of the consumer ---

void ConsumeLoop::poll() {
  if (!m_log_retries.may_try()) return m_workshop->wait(std::max(patience(), Milliseconds{5ms}));
  transport::ConsumerEvent event = m_consumer->poll(patience());
  const bool silent = std::holds_alternative<transport::Idle>(event);
  const auto* problem = std::get_if<transport::Problem>(&event);
  if (problem == nullptr) m_log_retries.worked();
  // The client takes partitions back by itself when its broker is away: that proves no connection.
  const bool revoked_now = std::holds_alternative<transport::Revoked>(event);
  if (!silent && problem == nullptr && !revoked_now) m_connect.found();
  if (const auto* batch = std::get_if<RecordBatch>(&event)) {
    take(*batch);
  } else if (auto* assigned = std::get_if<transport::Assigned>(&event)) {
    m_assigned = std::move(assigned->partitions);
  } else if (const auto* revoked = std::get_if<transport::Revoked>(&event)) {
    on_revoked(*revoked);
  } else if (const auto* end = std::get_if<transport::EndReached>(&event)) {
    const auto state = m_ownership->find(end->partition.topic.get(), end->partition.partition);
    if (state) state->end_reached(end->next);
  } else if (const auto* gap = std::get_if<transport::OffsetGone>(&event)) {
    m_gaps.insert_or_assign(gap->partition, *gap);
  } else if (const auto* gone = std::get_if<transport::TopicGone>(&event)) {
    m_gone.note(gone->topic, m_parts.clock.steady());
  } else if (problem != nullptr) {
    on_problem(problem->error);
  } else if (m_lanes.out() > 0) {
    m_workshop->wait(5ms);
  }
}

void ConsumeLoop::take(const RecordBatch& batch) {
  m_last_record = m_parts.clock.steady();
  std::shared_ptr<PartitionState> state;
  for (const RecordView& record : batch.records()) {
    if (!state || !state->reads(record)) {
      state = m_ownership->find(record.topic, record.partition);
      m_failure = m_gone.back(record.topic, [this](const TopicName& topic) { m_ownership->check(topic); });
      if (m_failure) return;
    }
    if (state && intake_closed()) state->stop_at(record.offset);
    if (state) arrive(state, record, batch);
  }
}

void ConsumeLoop::arrive(const std::shared_ptr<PartitionState>& state, const RecordView& record,
                         const RecordBatch& batch) {
  if (!state->arrived(record.offset)) return;
  ++m_accepted;
  m_committer->count_read();
  auto work = std::make_unique<Work>();
  work->record = record;
  work->keep = batch.keep();
  work->partition = state;
  work->lane = order_lane(record);
  if (const auto crashes = m_ownership->suspect(state->partition(), record.offset)) {
    work->suspect = true;
    work->crashes = *crashes;
  }
  if (is_retry_of_another_group(record, m_options.marks_of.value_or(m_options.group))) {
    work->outcome = Done{};
    finish(std::move(work));
  } else if (work->crashes >= k_most_crashes) {
    work->identity = event_identity(record, nullptr, {m_scope.cluster, state->incarnation()});
    work->attempts = work->crashes;
    work->outcome = Reject{FailureCategory::crash, crash_reason(work->crashes)};
    finish(std::move(work));
  } else {
    m_lanes.add(std::move(work));
  }
}

void ConsumeLoop::take_over() {
  try {
    for (const auto& left : m_ownership->take(*m_consumer, *m_assigned)) drop(left);
    m_committer->ownership_changed();
    m_assigned.reset();
    m_fellows->shared_out(m_parts.clock.steady());
    m_last_record = m_parts.clock.steady();
  } catch (const Error& error) {
    if (of_files(error) || !error.retryable()) throw;
    m_connect.lost(error.what());
  }
}

void ConsumeLoop::on_revoked(const transport::Revoked& revoked) {
  collect();
  commit_all();
  if (!revoked.lost) m_ownership->commit_to_broker(*m_consumer, m_options.timeout);
  m_ownership->revoke(revoked.partitions);
  m_committer->ownership_changed();
  m_consumer->release(revoked.partitions);
  m_assigned.reset();
}

bool ConsumeLoop::of_files(const Error& error) const {
  return m_parts.transport.kind() != transport::TransportKind::kafka || is_about_files(error.code());
}

void ConsumeLoop::on_problem(const Error& error) {
  const bool of_log = of_files(error);
  const bool passes = of_log ? m_log_retries.plan_next(error) : error.retryable();
  if (!passes) throw Error(error);
  if (!of_log) m_connect.lost(error.what());
}

void ConsumeLoop::cross_gaps() {
  for (auto entry = m_gaps.begin(); entry != m_gaps.end();) {
    const auto state = m_ownership->find(entry->first.topic.get(), entry->first.partition);
    if (state && state->ahead() > 0) {
      ++entry;
      continue;
    }
    if (state) m_ownership->cross_gap(*m_consumer, entry->second);
    entry = m_gaps.erase(entry);
  }
}

// --- work on its way ---

void ConsumeLoop::collect() {
  for (LaneRun& run : m_workshop->collect()) {
    for (std::unique_ptr<Work>& work : m_lanes.settle(std::move(run))) finish(std::move(work));
  }
}

void ConsumeLoop::dispatch() {
  const SteadyTime now = m_parts.clock.steady();
  if (m_lanes.suspects() > 0) {
    m_workshop->submit(m_lanes.take_alone(now));
  } else if (m_lanes.out() < k_most_out / 2 && m_parts.sink.has_room()) {
    m_workshop->submit(m_lanes.take(k_most_out - m_lanes.out(), now));
  }
}

void ConsumeLoop::finish(std::unique_ptr<Work> work) {
  if (work->partition->hold == Hold::lost) return;
  const Reject* reject = std::get_if<Reject>(&*work->outcome);
  if (reject != nullptr && !m_options.dead_letters) {
    m_failure = Error(ErrorCode::undelivered, fmt::format("{} offset {} failed and --no-dlq is set: {}",
                                                          to_string(work->partition->partition()),
                                                          work->record.offset.get(), reject->reason));
    return;
  }
  m_committer->add(std::move(work));
}

void ConsumeLoop::drop(const std::shared_ptr<PartitionState>& state) {
  state->hold = Hold::lost;
  m_lanes.drop(state.get());
  m_committer->drop(state.get());
  m_gaps.erase(state->partition());
}

void ConsumeLoop::commit_if_due() {
  if (!m_store_retries.may_try()) return;
  const bool idle = m_lanes.size() == 0;
  const bool flush = idle && (intake_closed() || m_options.exit_at_end || m_ownership->can_advance());
  if (m_committer->due() || (flush && (!m_committer->empty() || m_ownership->can_advance()))) commit_once();
  if (m_parts.clock.steady() - m_last_broker_commit >= k_broker_commit_every) commit_to_broker();
}

void ConsumeLoop::commit_once() {
  try {
    for (const TopicPartition& fenced : m_committer->commit(m_ownership->owned())) {
      log_warning("{} belongs to another process now; its work here is dropped", to_string(fenced));
      if (const auto state = m_ownership->lose(fenced)) drop(state);
    }
    m_store_retries.worked();
    m_relay ? m_relay->nudge() : m_parts.nudge_relay();
  } catch (const Error& error) {
    if (!m_store_retries.plan_next(error)) throw;
  }
}

void ConsumeLoop::commit_all() {
  do {
    const std::size_t before = m_committer->waiting();
    commit_once();
    if (m_committer->waiting() >= before) return;
  } while (!m_committer->empty());
}

void ConsumeLoop::commit_to_broker() {
  m_last_broker_commit = m_parts.clock.steady();
  if (!m_assigned && m_connect.state().connected)
    m_ownership->commit_to_broker(*m_consumer, std::min(m_options.timeout, k_broker_commit_wait));
}

void ConsumeLoop::show_state(Show when) {
  const SteadyTime now = m_parts.clock.steady();
  // A connection that was lost is shown before the attempt to mend it, which may take its time.
  const bool news = m_connect.state().connected != m_shown_connected;
  if (when == Show::now_and_then && !news && now - m_last_shown < k_show_every) return;
  m_shown_connected = m_connect.state().connected;
  m_last_shown = now;
  ConsumeView view;
  view.connection = m_connect.state();
  view.needs_broker = m_parts.transport.kind() == transport::TransportKind::kafka;
  view.draining = when == Show::draining;
  if (m_options.runner.breakers) view.breakers = m_options.runner.breakers->open();
  if (m_committer) {
    view.counts = m_committer->counts();
    view.in_hand = m_lanes.size() + m_committer->waiting();
    view.durations = m_committer->take_durations();
    for (const auto& [partition, state] : m_ownership->owned())
      view.positions.push_back({partition, state->next()});
  }
  m_reporter->shown(view);
  if (m_parts.watch != nullptr) m_parts.watch->shown(view);
}

bool ConsumeLoop::intake_closed() const {
  return m_options.count && m_accepted >= *m_options.count;
}

std::optional<ConsumeEnd> ConsumeLoop::reached_end() {
  const SteadyTime now = m_parts.clock.steady();
  if (m_options.max_time && now - m_begun >= *m_options.max_time) {
    const bool idle = nothing_in_hand() && !m_assigned && !m_options.count && m_ownership->has_share();
    return idle && m_ownership->at_log_ends(m_options.timeout) ? ConsumeEnd::finished
                                                               : ConsumeEnd::out_of_time;
  }
  if (!nothing_in_hand() || m_assigned || m_ownership->can_advance()) return std::nullopt;
  const bool at_end = m_options.exit_at_end && m_ownership->has_share() && m_ownership->at_stops() &&
                      m_fellows->settled(m_ownership->owned(), now);
  const bool idle = m_options.idle_exit && now - m_last_record >= *m_options.idle_exit;
  return at_end || idle || intake_closed() ? std::optional(ConsumeEnd::finished) : std::nullopt;
}

Milliseconds ConsumeLoop::patience() const {
  if (m_lanes.out() > 0 || m_committer->due()) return 0ms;
  Milliseconds wait = 100ms;
  if (const auto due = m_lanes.next_due())
    wait =
        std::clamp(std::chrono::ceil<Milliseconds>(*due - m_parts.clock.steady()), Milliseconds{0ms}, wait);
  return wait;
}

void ConsumeLoop::drain() {
  show_state(Show::draining);
  for (LaneRun& run : m_workshop->halt()) static_cast<void>(m_lanes.settle(std::move(run)));
  m_lanes.drop_waiting();
  const SteadyTime deadline = m_parts.clock.steady() + m_options.drain_timeout;
  const std::optional<Error> cause = m_failure;
  try {
    while (m_lanes.out() > 0 && m_parts.clock.steady() < deadline) {
      m_workshop->wait(100ms);
      collect();
      m_lanes.drop_waiting();
    }
    if (!m_committer->empty()) commit_all();
    m_ownership->commit_to_broker(*m_consumer, m_options.timeout);
    if (m_options.bounded() && m_relay && !cause)
      m_relay->await_empty(m_store->outbox(), m_options.timeout, m_parts.clock);
  } catch (const Error& error) {
    m_failure = error;
  }
  if (cause) m_failure = cause;
  show_state(Show::draining);
  m_workshop.reset();
  m_consumer.reset();
  m_relay.reset();
}

}  // namespace kbeat::pipeline
