// What of a replay's transport is not reading: passed on, or answered from its plan.
#include "kbeat/replay/handled_transport.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/replay/handled_consumer.hpp"

namespace kbeat::replay {
namespace {

using namespace transport;

/// Offsets are the plan's; groups have none.
class PlannedOffsets final : public OffsetAdmin {
 public:
  PlannedOffsets(const HandledParts& parts, std::unique_ptr<OffsetAdmin> inner)
      : m_parts(parts), m_inner(std::move(inner)) {}

  [[nodiscard]] std::vector<Offset> offsets(std::span<const TopicPartition> partitions, LogEnd end) override {
    std::vector<Offset> found;
    for (const TopicPartition& partition : partitions) {
      const auto part = std::find_if(m_parts.begin(), m_parts.end(),
                                     [&](const CursorPart& each) { return each.partition == partition; });
      if (part == m_parts.end()) {
        found.push_back(m_inner->offsets({&partition, 1}, end).front());
      } else {
        found.push_back(end == LogEnd::earliest ? part->next : part->end.value_or(part->next));
      }
    }
    return found;
  }
  [[nodiscard]] std::vector<Offset> offsets_at(std::span<const TopicPartition> partitions,
                                               WallTime) override {
    return offsets(partitions, LogEnd::earliest);
  }
  [[nodiscard]] std::vector<CommittedPosition> committed(const GroupId&,
                                                         std::span<const TopicPartition>) override {
    return {};
  }
  void set_committed(const GroupId&, std::span<const CommittedPosition>) override {}
  [[nodiscard]] std::vector<GroupInfo> groups() override { return m_inner->groups(); }
  void remove_group(const GroupId& group) override { m_inner->remove_group(group); }

 private:
  const HandledParts& m_parts;
  std::unique_ptr<OffsetAdmin> m_inner;
};

}  // namespace

HandledParts number_parts(ReplaySource& source, std::stop_token stop) {
  const Cursor begin = source.cursor();
  std::map<std::string, std::int64_t> counts;
  std::int64_t number = 0;
  while (source.turn(Milliseconds{100}, [&](const RecordView& record) {
    counts[std::string(record.topic)] = ++number;
    return !stop.stop_requested();
  }) == Turn::more) {
    if (stop.stop_requested()) throw Error(ErrorCode::interrupted, "stopped by a signal");
  }
  if (counts.empty() && source.fault()) throw Error(*source.fault());
  source.seek(begin);
  HandledParts parts;
  for (const auto& [topic, last] : counts) {
    if (topic.empty()) throw Error(ErrorCode::bad_input, "an envelope without a topic cannot be handled");
    parts.push_back({{TopicName{topic}, Partition{0}}, Offset{0}, Offset{last}});
  }
  return parts;
}

HandledTransport::HandledTransport(Transport& inner, ReplaySource& source, HandledParts parts,
                                   HandledOptions options, Clock& clock)
    : m_inner(inner),
      m_source(source),
      m_parts(std::move(parts)),
      m_options(std::move(options)),
      m_clock(clock) {}

HandledTransport::~HandledTransport() = default;

std::unique_ptr<Producer> HandledTransport::make_producer(const ProducerOptions& options) {
  return m_inner.make_producer(options);
}

std::unique_ptr<TransactionalProducer> HandledTransport::make_transactional_producer(
    const ProducerOptions& options) {
  return m_inner.make_transactional_producer(options);
}

std::unique_ptr<Consumer> HandledTransport::make_consumer(const ConsumerOptions& options) {
  if (!options.group) return m_inner.make_consumer(options);
  return std::make_unique<HandledConsumer>(m_source, m_parts, m_options, m_clock);
}

std::unique_ptr<TopicAdmin> HandledTransport::make_topic_admin(Milliseconds timeout) {
  return m_inner.make_topic_admin(timeout);
}

std::unique_ptr<OffsetAdmin> HandledTransport::make_offset_admin(Milliseconds timeout) {
  return std::make_unique<PlannedOffsets>(m_parts, m_inner.make_offset_admin(timeout));
}

}  // namespace kbeat::replay
