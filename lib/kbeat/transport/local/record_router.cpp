// Topics, partitions, limits and timestamps of records on their way in.
#include "kbeat/transport/local/record_router.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/local_consumer.hpp"
#include "kbeat/transport/partitioner.hpp"

namespace kbeat::transport::local {
namespace {

// Records without a key go to one partition for so many, so that batches fill.
constexpr std::uint64_t k_run_without_key = 64;

std::size_t size_of(const RecordView& record) {
  std::size_t size = record.key.value_or("").size() + record.value.value_or("").size();
  for (const HeaderView& header : record.headers)
    size += header.name.size() + header.value.value_or("").size();
  return size;
}

void check_fits(const RecordView& record, const TopicRules& rules) {
  const std::size_t size = size_of(record);
  if (size > static_cast<std::size_t>(rules.largest_record)) {
    throw Error(ErrorCode::too_large,
                fmt::format("a record of {} bytes is too large for topic {}: its max.message.bytes is {}",
                            size, record.topic, rules.largest_record));
  }
  if (rules.compacts && !record.key) {
    throw Error(
        ErrorCode::bad_input,
        fmt::format("a record without a key cannot go to topic {}: it is compacted by key", record.topic));
  }
}

}  // namespace

const RecordRouter::Target& RecordRouter::target(std::string_view topic) {
  if (const std::uint32_t seen = m_ledger.changes().seen().control; seen != m_seen) {
    m_targets.clear();
    m_last = nullptr;
    m_seen = seen;
  }
  if (m_last != nullptr && m_last->state.topic.get() == topic) return *m_last;
  auto found = m_targets.find(topic);
  if (found == m_targets.end()) {
    TopicState state = find_or_create(m_ledger.topics(), TopicName{std::string(topic)});
    TopicRules rules = rules_of(state);
    found = m_targets.emplace(std::string(topic), Target{std::move(state), rules}).first;
  }
  m_last = &found->second;
  return *m_last;
}

RoutedRecord RecordRouter::route(const RecordView& record) {
  const Target& to = target(record.topic);
  check_fits(record, to.rules);
  RoutedRecord routed{record, PartitionKey{0}};
  const auto count = static_cast<std::int32_t>(to.state.partitions.size());
  if (record.partition.get() == -1) {
    routed.record.partition = choose_partition(record.key, count, m_dice++ / k_run_without_key);
  } else if (record.partition.get() < 0 || record.partition.get() >= count) {
    throw Error(ErrorCode::bad_input, fmt::format("topic {} has no partition {}: it has {}", record.topic,
                                                  record.partition.get(), count));
  }
  routed.key = to.state.partitions[static_cast<std::size_t>(routed.record.partition.get())];
  if (record.timestamp_type == TimestampType::none || to.rules.stamps_appends) {
    routed.record.timestamp = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  }
  routed.record.timestamp_type = to.rules.stamps_appends ? TimestampType::log_append : TimestampType::create;
  return routed;
}

}  // namespace kbeat::transport::local
