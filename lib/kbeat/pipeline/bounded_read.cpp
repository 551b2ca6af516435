// A groupless consumer from given offsets to the last stable ones.
#include "kbeat/pipeline/bounded_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {
namespace {

using namespace transport;

/// Little, since whoever reads holds a table of what was read as well; for all partitions together, but for
/// each enough to go on.
constexpr std::size_t k_prefetch_bytes = 4u << 20;
constexpr std::size_t k_least_prefetch_bytes = 256u << 10;

/// One read of one topic.
class BoundedRead {
 public:
  BoundedRead(Transport& transport, const TopicName& topic, const BoundedReadOptions& options,
              const std::function<void(const RecordView&)>& sink)
      : m_topic(topic), m_sink(sink) {
    begin(transport, options);
  }

  [[nodiscard]] bool at_end() const { return m_open.empty(); }
  [[nodiscard]] const Ends& ends() const { return m_ends; }

  /// False when nothing happened.
  bool turn() {
    const ConsumerEvent event = m_consumer->poll(Milliseconds{100});
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) take(record);
      return true;
    }
    if (const auto* end = std::get_if<EndReached>(&event)) {
      reached(end->partition.partition, end->next);
      return true;
    }
    if (const auto* gone = std::get_if<OffsetGone>(&event)) return skip(*gone);
    if (std::holds_alternative<TopicGone>(event))
      throw Error(ErrorCode::not_found, fmt::format("topic {} was deleted while it was read", m_topic.get()));
    if (const auto* problem = std::get_if<Problem>(&event); problem != nullptr && !problem->error.retryable())
      throw Error(problem->error);
    return false;
  }

 private:
  void begin(Transport& transport, const BoundedReadOptions& options) {
    std::vector<TopicPartition> partitions;
    for (const PartitionInfo& each : transport.make_topic_admin(options.timeout)->topic(m_topic).partitions)
      partitions.push_back({m_topic, each.partition});
    m_consumer = transport.make_consumer(
        {.client_id = options.client_id,
         .group = std::nullopt,
         .topics = {},
         .prefetch_bytes = std::max(k_prefetch_bytes / std::max<std::size_t>(partitions.size(), 1),
                                    k_least_prefetch_bytes)});
    const auto admin = transport.make_offset_admin(options.timeout);
    const std::vector<Offset> first = admin->offsets(partitions, LogEnd::earliest);
    const std::vector<Offset> end = admin->offsets(partitions, LogEnd::last_stable);
    std::vector<Position> starts;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      const Partition partition = partitions[i].partition;
      const auto from = options.from.find(partition);
      const Offset start = from == options.from.end() ? first[i] : std::max(from->second, first[i]);
      m_ends.emplace(partition, end[i]);
      if (start >= end[i]) continue;
      m_open.emplace(partition, end[i]);
      starts.push_back({partitions[i], start});
    }
    if (!starts.empty()) m_consumer->start(starts);
  }

  void take(const RecordView& record) {
    const auto open = m_open.find(record.partition);
    if (open == m_open.end()) return;
    if (record.offset < open->second) m_sink(record);
    if (record.offset.get() + 1 >= open->second.get()) m_open.erase(open);
  }

  void reached(Partition partition, Offset next) {
    const auto open = m_open.find(partition);
    if (open != m_open.end() && next >= open->second) m_open.erase(open);
  }

  bool skip(const OffsetGone& gone) {
    log_warning("{}: offsets {} to {} are gone", to_string(gone.partition), gone.wanted.get(),
                gone.earliest.get() - 1);
    reached(gone.partition.partition, gone.earliest);
    if (!m_open.contains(gone.partition.partition)) return true;
    const Position again{gone.partition, gone.earliest};
    m_consumer->start({&again, 1});
    return true;
  }

  TopicName m_topic;
  const std::function<void(const RecordView&)>& m_sink;
  std::unique_ptr<Consumer> m_consumer;
  Ends m_ends;
  Ends m_open;  ///< of partitions that are not at their end yet
};

}  // namespace

Ends read_to_end(Transport& transport, const TopicName& topic, const BoundedReadOptions& options,
                 std::stop_token stop, const std::function<void(const RecordView&)>& sink) {
  BoundedRead read(transport, topic, options, sink);
  SteadyTime progress = std::chrono::steady_clock::now();
  while (!read.at_end()) {
    if (stop.stop_requested())
      throw Error(ErrorCode::interrupted, fmt::format("stopped reading {}", topic.get()));
    const bool moved = read.turn();
    const SteadyTime now = std::chrono::steady_clock::now();
    if (moved) progress = now;
    if (now - progress > options.timeout) {
      throw Error(ErrorCode::timed_out,
                  fmt::format("{} gave no record for {}", topic.get(), seconds_text(options.timeout)),
                  Retryable::yes);
    }
  }
  return read.ends();
}

}  // namespace kbeat::pipeline
