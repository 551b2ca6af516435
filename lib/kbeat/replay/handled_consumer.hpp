// The consumer of a replay that is handled: its source's records, in order and paced.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kbeat/replay/handled_transport.hpp"

namespace kbeat::replay {

/// Owns all parts from its first poll on; nothing else ever does. For one thread.
class HandledConsumer final : public transport::Consumer {
 public:
  HandledConsumer(ReplaySource& source, const HandledParts& parts, const HandledOptions& options,
                  Clock& clock);

  [[nodiscard]] transport::ConsumerEvent poll(Milliseconds timeout) override;
  void start(std::span<const Position> positions) override;
  void release(std::span<const TopicPartition>) override {}
  void set_flow(std::span<const TopicPartition> partitions, transport::Flow flow) override;
  void commit(std::span<const transport::CommittedPosition>, Milliseconds) override {}

 private:
  void read(Milliseconds timeout);
  void keep(const RecordView& record);
  void number(Record& record);
  [[nodiscard]] transport::ConsumerEvent next_batch(Milliseconds timeout);
  [[nodiscard]] bool is_held(const Record& record) const;

  ReplaySource& m_source;
  const HandledParts& m_parts;
  const HandledOptions& m_options;
  Clock& m_clock;
  Pacer m_pacer;
  bool m_assigned = false;
  bool m_at_end = false;
  std::deque<Record> m_waiting;
  std::map<TopicPartition, Offset> m_begin;  ///< what lies below was handled before
  std::set<TopicPartition> m_paused;
  std::deque<transport::EndReached> m_ends;
  std::int64_t m_number = 0;
};

}  // namespace kbeat::replay
