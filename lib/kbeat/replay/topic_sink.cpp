// Producers behind the sink of a replay.
#include "kbeat/replay/topic_sink.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::replay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_records_a_transaction = 5000;
constexpr Milliseconds k_transaction_time = 1s;
constexpr Milliseconds k_settle_time{300'000};

}  // namespace

PlainTopicSink::PlainTopicSink(transport::Transport& transport, Rewrite rewrite,
                               std::function<void(const transport::SendFailure&)> on_failure)
    : m_rewrite(std::move(rewrite)),
      m_sender(transport, {.client_id = "kbeat-replay"}, std::move(on_failure)) {}

bool PlainTopicSink::send(const RecordView& record, std::uint64_t number) {
  m_sender.send(m_rewrite(record), number);
  return false;
}

void PlainTopicSink::flush() {
  m_sender.flush(Milliseconds{0});
}

void PlainTopicSink::settle(const Checkpoint&) {
  m_sender.finish(k_settle_time);
}

NamedTopicSink::NamedTopicSink(transport::Transport& transport, Options options, Rewrite rewrite)
    : m_transport(transport), m_options(std::move(options)), m_rewrite(std::move(rewrite)) {
  m_producer = transport.make_transactional_producer(
      {.client_id = "kbeat-replay", .transactional_id = "kbeat.replay." + m_options.name});
}

NamedTopicSink::~NamedTopicSink() = default;

GroupId NamedTopicSink::group() const {
  return GroupId{"kbeat-replay-" + m_options.name};
}

std::optional<Checkpoint> NamedTopicSink::resume(const Checkpoint& plan) {
  const TopicPartition place{m_options.target, Partition{0}};
  const auto admin = m_transport.make_offset_admin(m_options.timeout);
  const auto committed = admin->committed(group(), {&place, 1});
  if (committed.empty()) return std::nullopt;
  return read_metadata(committed.front().metadata, plan);
}

bool NamedTopicSink::send(const RecordView& record, std::uint64_t) {
  const RecordView rewritten = m_rewrite(record);  // what it refuses leaves the transaction as it is
  try {
    if (m_open == 0) {
      m_producer->begin();
      m_begun = std::chrono::steady_clock::now();
    }
    ++m_open;
    push(rewritten);
  } catch (const Error& error) {
    give_up(error);
  }
  const bool old = std::chrono::steady_clock::now() - m_begun >= k_transaction_time;
  return m_open >= k_records_a_transaction || old;
}

void NamedTopicSink::push(const RecordView& record) {
  std::vector<transport::Delivery> reports;
  while (m_producer->send(record, 0) == transport::Accepted::queue_full) m_producer->poll(100ms, reports);
}

void NamedTopicSink::settle(const Checkpoint& behind) {
  try {
    if (m_open == 0) {
      make_target();
      m_producer->begin();
    }
    const std::vector<transport::CommittedPosition> position{
        {.partition = {m_options.target, Partition{0}},
         .next = Offset{static_cast<std::int64_t>(behind.sent)},
         .metadata = to_metadata(behind)}};
    m_producer->send_positions(group(), position);
    m_producer->commit(m_options.timeout);
    m_open = 0;
    std::vector<transport::Delivery> reports;  // the commit has spoken for them: they must not pile up
    m_producer->poll(0ms, reports);
  } catch (const Error& error) {
    give_up(error);
  }
}

/// A checkpoint lies in a topic, and no record has made it yet: the embedded log makes any on first use.
void NamedTopicSink::make_target() {
  if (m_transport.kind() == transport::TransportKind::kafka) return;
  pipeline::make_topic(m_transport, transport::default_spec(m_options.target), m_options.timeout);
}

/// Nothing of the transaction may stay open. A retryable error leaves open whether it was committed: whoever
/// goes on reads the checkpoint.
void NamedTopicSink::give_up(const Error& cause) {
  if (cause.code() == ErrorCode::fenced) {
    throw Error(ErrorCode::fenced,
                fmt::format("another replay named {} was started and goes on where this one stopped",
                            m_options.name));
  }
  if (!cause.retryable()) m_producer->abort(m_options.timeout);
  throw Error(cause);
}

}  // namespace kbeat::replay
