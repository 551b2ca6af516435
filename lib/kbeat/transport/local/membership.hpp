// A consumer's part in its group: joining, heartbeats, and the events that come of them.
#pragma once

#include <deque>
#include <optional>
#include <set>

#include "kbeat/transport/local/ledger.hpp"

namespace kbeat::transport::local {

/// Used by one thread. Destroying it leaves the group.
class Membership {
 public:
  Membership(Ledger& ledger, const ConsumerOptions& options);
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;
  ~Membership();

  /// Heartbeat and look around, when it is due or something changed; adds Assigned and Revoked to `events`.
  void attend(std::deque<ConsumerEvent>& events);
  /// When `attend` wants to be called again at the latest.
  [[nodiscard]] SteadyTime due() const { return m_due; }

  /// The member settled its work in these partitions.
  void release(std::span<const TopicPartition> partitions);
  void commit(std::span<const CommittedPosition> positions);
  [[nodiscard]] bool owns(const TopicPartition& partition) const { return m_owned.contains(partition); }

 private:
  enum class Stage { outside, waiting, owning, revoking };

  void enter();
  void beat(std::deque<ConsumerEvent>& events);
  void revoke(std::deque<ConsumerEvent>& events, bool lost);
  void take(const Member& me, std::deque<ConsumerEvent>& events);
  void give_back();

  Ledger& m_ledger;
  GroupId m_group;
  Member m_self;
  Stage m_stage = Stage::outside;
  bool m_lost = false;  ///< the revocation under way is of a member that the group has dropped
  std::set<TopicPartition> m_owned;
  Changes m_seen;
  SteadyTime m_due{};
};

}  // namespace kbeat::transport::local
