// Joining, heartbeats and the hand-over of partitions.
#include "kbeat/transport/local/membership.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <random>

#include "kbeat/base/host_name.hpp"
#include "kbeat/transport/local/range_assignment.hpp"

namespace kbeat::transport::local {
namespace {

// A lease is renewed this often within its length, so that one late heartbeat loses nothing.
constexpr int k_beats_a_session = 4;

std::string new_member_id(const std::string& client_id) {
  std::random_device random;
  return fmt::format("{}-{}-{:08x}{:08x}", client_id, getpid(), random(), random());
}

}  // namespace

Membership::Membership(Ledger& ledger, const ConsumerOptions& options)
    : m_ledger(ledger), m_group(options.group.value()) {
  m_self.client_id = options.client_id;
  m_self.host = host_name();
  m_self.topics = subscription_of(options);
  m_self.session = options.session_timeout;
}

Membership::~Membership() {
  if (m_stage == Stage::outside) return;
  try {
    const std::vector<TopicState> topics = m_ledger.topics().all();
    m_ledger.groups().update(m_group, [&](GroupState& group) {
      const LeaseTime now = lease_now();
      leave(group, m_self.id, now);
      drop_absent(group, m_ledger.presence(), now);
      settle(group, topics, now);
    });
    m_ledger.presence().leave(m_self.id);
  } catch (const Error&) {
    // The lease runs out by itself; a destructor has nobody to tell.
  }
}

void Membership::attend(std::deque<ConsumerEvent>& events) {
  const Changes seen = m_ledger.changes().seen();
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < m_due && seen.control == m_seen.control) return;
  m_seen = seen;
  m_due = now + m_self.session / k_beats_a_session;
  if (m_stage == Stage::outside) enter();
  beat(events);
}

void Membership::enter() {
  m_ledger.presence().leave(m_self.id);
  m_self.id = new_member_id(m_self.client_id);
  m_ledger.presence().enter(m_self.id);
  m_ledger.groups().update(m_group, [this](GroupState& group) { join(group, m_self, lease_now()); });
  m_stage = Stage::waiting;
}

void Membership::beat(std::deque<ConsumerEvent>& events) {
  std::optional<Member> me;
  std::int64_t generation = 0;
  GroupPhase phase = GroupPhase::preparing;
  const std::vector<TopicState> topics = m_ledger.topics().all();
  m_ledger.groups().update(m_group, [&](GroupState& group) {
    me.reset();
    const LeaseTime now = lease_now();
    const Renewed renewed = m_lost ? Renewed::not_a_member : renew(group, m_self.id, now);
    if (renewed == Renewed::yes && m_owned.empty() && m_stage == Stage::waiting) agree(group, m_self.id);
    drop_absent(group, m_ledger.presence(), now);
    settle(group, topics, now);
    if (const Member* found = find_member(group, m_self.id); found != nullptr && renewed == Renewed::yes)
      me = *found;
    generation = group.generation;
    phase = group.phase;
  });
  if (m_stage == Stage::revoking) return;
  if (!me) {
    revoke(events, true);
  } else if (me->generation < generation) {
    revoke(events, false);
  } else if (m_stage == Stage::waiting && phase == GroupPhase::stable) {
    take(*me, events);
  }
}

void Membership::take(const Member& me, std::deque<ConsumerEvent>& events) {
  m_self.generation = me.generation;
  m_owned = {me.partitions.begin(), me.partitions.end()};
  m_stage = Stage::owning;
  events.push_back(Assigned{me.partitions});
}

void Membership::revoke(std::deque<ConsumerEvent>& events, bool lost) {
  m_lost = lost;
  m_stage = Stage::revoking;
  if (m_owned.empty()) {
    give_back();
  } else {
    events.push_back(Revoked{{m_owned.begin(), m_owned.end()}, lost});
  }
}

void Membership::release(std::span<const TopicPartition> partitions) {
  if (m_stage != Stage::revoking) return;
  for (const TopicPartition& partition : partitions) m_owned.erase(partition);
  if (m_owned.empty()) give_back();
}

void Membership::give_back() {
  m_stage = m_lost ? Stage::outside : Stage::waiting;
  m_lost = false;
  m_due = {};  // the next `attend` joins or agrees at once
}

void Membership::commit(std::span<const CommittedPosition> positions) {
  m_ledger.groups().commit({m_group, {positions.begin(), positions.end()}},
                           [this, positions](GroupState& group) {
                             const LeaseTime now = lease_now();
                             check_owner(group, m_self.id, positions, now);
                             renew(group, m_self.id, now);
                           });
}

}  // namespace kbeat::transport::local
