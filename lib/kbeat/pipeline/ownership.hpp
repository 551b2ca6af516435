// The partitions that this process owns at the moment, and their way in and out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/pipeline/assignment.hpp"
#include "kbeat/pipeline/committer.hpp"
#include "kbeat/pipeline/partition_state.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// Used by the loop's thread.
class Ownership {
 public:
  Ownership(transport::Transport& transport, store::Store& store, const TakeoverOptions& options,
            bool stop_at_end, Clock& clock);

  [[nodiscard]] const Partitions& owned() const { return m_owned; }
  /// The group has given us our share, and does not want it back at the moment.
  [[nodiscard]] bool has_share() const { return m_has_share; }
  /// Nothing when the partition is not owned.
  [[nodiscard]] std::shared_ptr<PartitionState> find(std::string_view topic, Partition partition);

  /// Takes partitions over and has the consumer begin. Work of a partition that comes back unchanged goes on.
  /// Returns the states that were left for good: their work is to be dropped.
  /// Throws Error{data_gap}, or retryable ones after which it may be called again.
  std::vector<std::shared_ptr<PartitionState>> take(transport::Consumer& consumer,
                                                    std::span<const TopicPartition> partitions);

  /// The group takes partitions back: they leave `owned`, and may come back with the next `take`.
  void revoke(std::span<const TopicPartition> partitions);
  /// Another process owns the partition. Returns its state, if it was there.
  std::shared_ptr<PartitionState> lose(const TopicPartition& partition);

  /// The offset asked for is gone: moves past the gap or throws Error{data_gap}. The partition has nothing in
  /// hand. The consumer goes on behind the gap.
  void cross_gap(transport::Consumer& consumer, const transport::OffsetGone& gap);

  /// The topic was away and is back: throws Error{data_gap} when it is another.
  void check(const TopicName& topic);

  /// Tells the broker what the store has, where it differs from what it was told last.
  void commit_to_broker(transport::Consumer& consumer, Milliseconds timeout);

  /// Every owned partition is committed up to its stop.
  [[nodiscard]] bool at_stops() const;
  /// Every owned partition is committed up to where its log ends now; false when that cannot be told.
  [[nodiscard]] bool at_log_ends(Milliseconds timeout) const;
  /// Some partition's position can move although nothing of it is in hand.
  [[nodiscard]] bool can_advance() const;

  /// Crashes that the record has seen when it was in progress while a process died; nothing for all others.
  [[nodiscard]] std::optional<int> suspect(const TopicPartition& partition, Offset offset) const;

 private:
  void set_stops(std::span<const TopicPartition> partitions);
  void tell_start(transport::Consumer& consumer, std::span<const transport::CommittedPosition> positions);
  void learn_suspects();

  transport::Transport& m_transport;
  store::Store& m_store;
  TakeoverOptions m_options;
  bool m_stop_at_end;
  Takeover m_takeover;
  Partitions m_owned;
  Partitions m_limbo;  ///< revoked, perhaps to come back
  std::map<TopicPartition, Offset> m_stops;
  std::map<TopicPartition, Offset> m_told;
  std::map<TopicPartition, std::map<std::int64_t, int>> m_suspects;
  bool m_has_share = false;
};

}  // namespace kbeat::pipeline
