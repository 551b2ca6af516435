// Partitions coming, staying and going.
#include "kbeat/pipeline/ownership.hpp"

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {
namespace {

/// The same owner, the same place: work in hand may go on.
bool continues(const PartitionState& state, const store::StoredPosition& position) {
  return state.epoch() == position.epoch && state.generation() == position.generation &&
         state.incarnation() == position.incarnation && position.next == state.next();
}

}  // namespace

Ownership::Ownership(transport::Transport& transport, store::Store& store, const TakeoverOptions& options,
                     bool stop_at_end, Clock& clock)
    : m_transport(transport),
      m_store(store),
      m_options(options),
      m_stop_at_end(stop_at_end),
      m_takeover(transport, store.positions(), options, clock) {}

std::shared_ptr<PartitionState> Ownership::find(std::string_view topic, Partition partition) {
  const auto found = m_owned.find({TopicName{std::string(topic)}, partition});
  return found == m_owned.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<PartitionState>> Ownership::take(transport::Consumer& consumer,
                                                             std::span<const TopicPartition> partitions) {
  set_stops(partitions);
  Takeover::Result taken;
  if (!partitions.empty()) taken = m_takeover.take(partitions);
  learn_suspects();
  std::vector<Position> starts;
  std::vector<std::shared_ptr<PartitionState>> left;
  for (const store::StoredPosition& position : taken.positions) {
    std::shared_ptr<PartitionState> state = std::make_shared<PartitionState>(position);
    if (const auto former = m_limbo.extract(position.partition); !former.empty()) {
      if (continues(*former.mapped(), position)) {
        state = former.mapped();
        state->paused = false;
        state->hold = Hold::owned;
      } else {
        left.push_back(former.mapped());
      }
    }
    if (const auto stop = m_stops.find(position.partition); stop != m_stops.end())
      state->stop_at(stop->second);
    starts.push_back({position.partition, state->read_up_to()});
    m_owned[position.partition] = std::move(state);
  }
  for (auto& [name, state] : m_limbo) left.push_back(state);
  m_limbo.clear();
  consumer.start(starts);
  if (!taken.to_commit.empty()) tell_start(consumer, taken.to_commit);
  m_has_share = true;
  return left;
}

/// A group that has moved on meanwhile (this member slept past its session) is no failure: it revokes and
/// assigns anew, and the store has the positions.
void Ownership::tell_start(transport::Consumer& consumer,
                           std::span<const transport::CommittedPosition> positions) {
  try {
    consumer.commit(positions, m_options.timeout);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::fenced) throw;
    log_info("{}; waiting for the group to share out anew", error.what());
    return;
  }
  for (const auto& each : positions) m_told[each.partition] = each.next;
}

void Ownership::set_stops(std::span<const TopicPartition> partitions) {
  if (!m_stop_at_end) return;
  std::vector<TopicPartition> fresh;
  std::copy_if(partitions.begin(), partitions.end(), std::back_inserter(fresh),
               [this](const TopicPartition& each) { return !m_stops.contains(each); });
  if (fresh.empty()) return;
  const auto ends =
      m_transport.make_offset_admin(m_options.timeout)->offsets(fresh, transport::LogEnd::last_stable);
  for (std::size_t i = 0; i < fresh.size(); ++i) m_stops[fresh[i]] = ends[i];
}

void Ownership::learn_suspects() {
  m_suspects.clear();
  for (const auto& suspect : m_store.outcomes().suspects(m_options.scope)) {
    m_suspects[suspect.partition][suspect.offset.get()] = suspect.crashes;
  }
}

void Ownership::revoke(std::span<const TopicPartition> partitions) {
  m_has_share = false;
  for (const TopicPartition& each : partitions) {
    if (auto node = m_owned.extract(each)) {
      node.mapped()->hold = Hold::revoked;
      m_limbo.insert(std::move(node));
    }
    m_told.erase(each);
  }
}

std::shared_ptr<PartitionState> Ownership::lose(const TopicPartition& partition) {
  m_told.erase(partition);
  auto node = m_owned.extract(partition);
  return node ? node.mapped() : nullptr;
}

void Ownership::cross_gap(transport::Consumer& consumer, const transport::OffsetGone& gap) {
  const auto found = m_owned.find(gap.partition);
  if (found == m_owned.end()) return;
  const PartitionState& state = *found->second;
  store::StoredPosition position{.partition = gap.partition,
                                 .next = state.next(),
                                 .generation = state.generation(),
                                 .epoch = state.epoch(),
                                 .incarnation = state.incarnation()};
  m_takeover.skip_gap(position, gap.wanted, gap.earliest, gap.latest);
  found->second = std::make_shared<PartitionState>(position);
  if (const auto stop = m_stops.find(gap.partition); stop != m_stops.end())
    found->second->stop_at(stop->second);
  consumer.start(std::vector<Position>{{gap.partition, *position.next}});
}

void Ownership::check(const TopicName& topic) {
  std::vector<store::StoredPosition> positions;
  for (const auto& [name, state] : m_owned) {
    if (name.topic == topic && state->last_mark())
      positions.push_back({.partition = name, .next = state->next(), .mark = state->last_mark()});
  }
  m_takeover.check_unchanged(positions);
}

void Ownership::commit_to_broker(transport::Consumer& consumer, Milliseconds timeout) {
  std::vector<transport::CommittedPosition> news;
  for (const auto& [name, state] : m_owned) {
    const auto told = m_told.find(name);
    if (told != m_told.end() && told->second == state->next()) continue;
    news.push_back(m_takeover.as_commit(name, state->next(), state->generation()));
  }
  if (news.empty()) return;
  try {
    consumer.commit(news, timeout);
  } catch (const Error& error) {
    // The commit is a copy of the store's position: the next one, or the next owner, makes up for it.
    log_debug("commit to the broker: {}", error.what());
    return;
  }
  for (const auto& each : news) m_told[each.partition] = each.next;
}

bool Ownership::at_stops() const {
  return std::all_of(m_owned.begin(), m_owned.end(),
                     [](const auto& entry) { return entry.second->at_stop(); });
}

bool Ownership::at_log_ends(Milliseconds timeout) const {
  std::vector<TopicPartition> partitions;
  for (const auto& [partition, state] : m_owned) partitions.push_back(partition);
  try {
    const auto ends =
        m_transport.make_offset_admin(timeout)->offsets(partitions, transport::LogEnd::last_stable);
    return std::equal(m_owned.begin(), m_owned.end(), ends.begin(), ends.end(),
                      [](const auto& owned, Offset end) { return owned.second->next() >= end; });
  } catch (const Error& error) {
    log_debug("looking for what is left: {}", error.what());
    return false;
  }
}

bool Ownership::can_advance() const {
  return std::any_of(m_owned.begin(), m_owned.end(),
                     [](const auto& entry) { return entry.second->can_advance(); });
}

std::optional<int> Ownership::suspect(const TopicPartition& partition, Offset offset) const {
  const auto of_partition = m_suspects.find(partition);
  if (of_partition == m_suspects.end()) return std::nullopt;
  const auto found = of_partition->second.find(offset.get());
  return found == of_partition->second.end() ? std::nullopt : std::optional<int>(found->second);
}

}  // namespace kbeat::pipeline
