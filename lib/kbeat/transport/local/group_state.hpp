// A group of consumers: who is in it, who owns which partition, and the rules by which that changes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/local/presence.hpp"
#include "kbeat/transport/local/topic_state.hpp"

namespace kbeat::transport::local {

/// A moment that goes on while the machine sleeps and cannot be mistaken for one before a reboot.
struct LeaseTime {
  std::string boot;               ///< the kernel's boot id
  std::int64_t milliseconds = 0;  ///< CLOCK_BOOTTIME
};

[[nodiscard]] LeaseTime lease_now();

struct Member {
  std::string id;
  std::string client_id;
  std::string host;
  std::vector<std::string> topics;  ///< subscribed names and patterns
  Milliseconds session{0};
  std::string boot;
  std::int64_t lease_until = 0;  ///< milliseconds of CLOCK_BOOTTIME in `boot`
  std::int64_t generation = 0;   ///< the newest that it has agreed to
  std::vector<TopicPartition> partitions;
  bool operator==(const Member&) const = default;
};

enum class GroupPhase { stable, preparing };

/// Members agree to a generation by giving back what they own; when all have, partitions are dealt.
struct GroupState {
  std::int64_t generation = 0;
  GroupPhase phase = GroupPhase::stable;
  LeaseTime preparing_since;
  std::uint64_t dealt = 0;  ///< digest of the topics over which partitions were dealt
  std::vector<Member> members;
};

[[nodiscard]] Member* find_member(GroupState& group, const std::string& id);

/// Adds a member, its lease beginning now, and opens a new generation.
void join(GroupState& group, Member member, const LeaseTime& now);

void leave(GroupState& group, const std::string& id, const LeaseTime& now);

enum class Renewed { yes, not_a_member };
Renewed renew(GroupState& group, const std::string& id, const LeaseTime& now);

/// Drops members whose lease is over, and those that hold up a rebalance for longer than a minute.
void drop_dead(GroupState& group, const LeaseTime& now);

/// Drops members whose process has died, without waiting for the end of their leases.
void drop_absent(GroupState& group, const Presence& presence, const LeaseTime& now);

/// Gives back all that the member owns and agrees to the present generation.
void agree(GroupState& group, const std::string& id);

/// Drops the dead; opens a generation when the subscribed topics changed; deals partitions once all
/// members agree.
void settle(GroupState& group, std::span<const TopicState> topics, const LeaseTime& now);

/// Throws Error{fenced} unless the member's lease lasts and all these partitions are its own.
void check_owner(GroupState& group, const std::string& id, std::span<const CommittedPosition> positions,
                 const LeaseTime& now);

}  // namespace kbeat::transport::local
