// The leader's rounds: look when something changed or is due, decide when it is.
#include "kbeat/dlq/auto_retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/dlq/letter_retry.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::dlq {
namespace {

constexpr Milliseconds k_poll{100};

/// As the letter has it, else when it was written: one that cannot be read must not hold up the others.
WallTime failure_time(const SeenLetter& letter) {
  try {
    if (!letter.failed_at.empty()) return parse_rfc3339(letter.failed_at);
  } catch (const Error& error) {
    log_debug("letter {}: {}", letter.id, error.what());
  }
  return letter.record.timestamp;
}

/// The last stable offset of each partition; none for a topic that does not exist.
std::map<TopicPartition, Offset> ends_of(transport::Transport& transport, const TopicName& topic,
                                         Milliseconds timeout) {
  std::vector<TopicPartition> partitions;
  try {
    for (const auto& each : transport.make_topic_admin(timeout)->topic(topic).partitions)
      partitions.push_back({topic, each.partition});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  std::map<TopicPartition, Offset> ends;
  const auto offsets =
      transport.make_offset_admin(timeout)->offsets(partitions, transport::LogEnd::last_stable);
  for (std::size_t i = 0; i < partitions.size(); ++i) ends.emplace(partitions[i], offsets[i]);
  return ends;
}

}  // namespace

bool may_pass(const SeenLetter& letter) {
  if (letter.kind != LetterKind::own || !letter.category) return false;
  switch (*letter.category) {
    case FailureCategory::timeout:
    case FailureCategory::dependency: return true;
    case FailureCategory::processing: return letter.attempts.value_or(1) > 1;
    default: return false;
  }
}

AutoRetry::AutoRetry(transport::Transport& transport,
                     std::function<std::unique_ptr<store::Store>()> open_store, AutoRetryOptions options,
                     Clock& clock)
    : m_transport(transport),
      m_open_store(std::move(open_store)),
      m_options(std::move(options)),
      m_clock(clock),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

void AutoRetry::run(std::stop_token stop) {
  std::unique_ptr<transport::Consumer> consumer;
  SteadyTime next_look = m_clock.steady();
  while (!stop.stop_requested()) {
    try {
      if (!consumer) {
        consumer = m_transport.make_consumer({.client_id = "kbeat-auto-retry",
                                              .group = GroupId{m_options.dlq.get() + "-auto-retry"},
                                              .topics = {m_options.dlq.get()}});
      }
      follow_group(*consumer);
      if (!m_leads || m_clock.steady() < next_look) continue;
      next_look = m_clock.steady() + m_options.look_every;
      look(stop);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::interrupted)
        log_warning("auto-retry of {}: {}", m_options.dlq.get(), error.what());
      if (!error.retryable() && error.code() != ErrorCode::fenced) {
        consumer.reset();
        m_leads = false;
      }
      static_cast<void>(m_clock.wait(m_options.look_every, stop));
    }
  }
}

/// Only membership counts: its records are read without the group.
void AutoRetry::follow_group(transport::Consumer& consumer) {
  const transport::ConsumerEvent event = consumer.poll(k_poll);
  if (const auto* assigned = std::get_if<transport::Assigned>(&event)) {
    std::vector<Position> positions;
    const auto ends = ends_of(m_transport, m_options.dlq, m_options.timeout);
    for (const TopicPartition& partition : assigned->partitions) {
      const auto end = ends.find(partition);
      positions.push_back({partition, end == ends.end() ? Offset{0} : end->second});
    }
    consumer.start(positions);
    consumer.set_flow(assigned->partitions, transport::Flow::paused);
    m_leads = std::find(assigned->partitions.begin(), assigned->partitions.end(),
                        TopicPartition{m_options.dlq, Partition{0}}) != assigned->partitions.end();
    m_ends.clear();
  } else if (const auto* revoked = std::get_if<transport::Revoked>(&event)) {
    m_leads = false;
    consumer.release(revoked->partitions);
  } else if (const auto* problem = std::get_if<transport::Problem>(&event)) {
    if (!problem->error.retryable()) throw Error(problem->error);
  }
}

std::optional<WallTime> AutoRetry::due_at(const SeenLetter& letter) const {
  if (letter.state != LetterState::open || !may_pass(letter)) return std::nullopt;
  const auto number = static_cast<std::uint64_t>(letter.replays) + 1;
  return failure_time(letter) + backoff_delay(m_options.backoff, number, 0.5);
}

void AutoRetry::look(std::stop_token stop) {
  const TopicName states = pipeline::state_topic(m_options.dlq);
  std::map<TopicPartition, Offset> ends = ends_of(m_transport, states, m_options.timeout);
  if (!m_own_states.empty() && ends != m_own_states) {
    m_others_wrote = m_clock.steady();
  }
  m_own_states = ends;
  ends.merge(ends_of(m_transport, m_options.dlq, m_options.timeout));
  const bool changed = ends != m_ends;
  if (changed) {
    m_next_due.reset();
    const DlqSource source{.transport = m_transport, .timeout = m_options.timeout};
    view_letters(source, m_options.dlq, {}, stop, [this](const SeenLetter& letter) {
      const auto due = due_at(letter);
      if (due && (!m_next_due || *due < *m_next_due)) m_next_due = due;
    });
    m_ends = std::move(ends);
  }
  if (!m_next_due || *m_next_due > m_clock.now()) return;
  if (m_others_wrote && m_clock.steady() - *m_others_wrote < m_options.keep_off) return;
  decide(stop);
}

void AutoRetry::decide(std::stop_token stop) {
  const std::unique_ptr<store::Store> store = m_open_store();
  const DlqSource source{.transport = m_transport,
                         .outbox = nullptr,
                         .archive = &store->letters(),
                         .timeout = m_options.timeout};
  RetryDecider decider(m_transport, m_options.timeout,
                       {.to = {}, .max_replays = m_options.max_replays, .edit = {}});
  const DeskReport report = decide_letters(
      source, m_options.dlq, {},
      [&](const SeenLetter& letter) -> Verdict {
        const auto due = due_at(letter);
        if (!due || *due > m_clock.now()) return Left{"not due"};
        return decider(letter);
      },
      m_clock, stop);
  for (const auto& [state, count] : report.decided)
    log_info("auto-retry of {}: {} letters {}", m_options.dlq.get(), count, pipeline::to_string(state));
  m_ends.clear();
  m_own_states = ends_of(m_transport, pipeline::state_topic(m_options.dlq), m_options.timeout);
}

}  // namespace kbeat::dlq
