// Reads from a ledger, alone or as a member of a group.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/local/membership.hpp"

namespace kbeat::transport::local {

/// Nothing is fetched ahead: each poll reads one piece of one partition, the partitions taking turns.
/// What is stored is committed, so both isolations read the same.
class LocalConsumer final : public Consumer {
 public:
  /// Makes subscribed topics that do not exist yet.
  LocalConsumer(std::unique_ptr<Ledger> ledger, const ConsumerOptions& options);

  [[nodiscard]] ConsumerEvent poll(Milliseconds timeout) override;
  void start(std::span<const Position> positions) override;
  void release(std::span<const TopicPartition> partitions) override;
  void set_flow(std::span<const TopicPartition> partitions, Flow flow) override;
  void commit(std::span<const CommittedPosition> positions, Milliseconds timeout) override;

 private:
  struct Reading {
    PartitionKey key{0};
    Offset next;
    Flow flow = Flow::running;
    bool stands = false;  ///< until `start` gives another position
    std::optional<Offset> end_told;
    std::optional<std::uint32_t> idle_since;  ///< nothing to read unless more was announced than this
  };
  using Readings = std::map<TopicPartition, Reading>;

  void open(const Position& position);
  void forget(const TopicName& topic);
  void wait(const Changes& seen, Milliseconds pause);
  void watch_topics(const Changes& seen);
  [[nodiscard]] std::optional<ConsumerEvent> next_event(const Changes& seen);
  [[nodiscard]] std::optional<ConsumerEvent> read(Readings::iterator reading, const Changes& seen);
  [[nodiscard]] std::optional<ConsumerEvent> at_end(Reading& reading, const TopicPartition& partition,
                                                    Offset end, const Changes& seen);

  ConsumerOptions m_options;
  std::unique_ptr<Ledger> m_ledger;
  std::optional<Membership> m_membership;
  Readings m_readings;
  TopicPartition m_turn;          ///< whose turn it is, or the first one after it
  std::set<TopicName> m_present;  ///< subscribed topics that exist
  std::uint32_t m_watched = 0;    ///< control changes when topics were last looked at
  std::deque<ConsumerEvent> m_events;
};

/// What `topic` is in the ledger; made with its default partitions when it does not exist.
[[nodiscard]] TopicState find_or_create(TopicLedger& topics, const TopicName& topic);

}  // namespace kbeat::transport::local
