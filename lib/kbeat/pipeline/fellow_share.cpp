// Looks at the group's committed positions until the others have finished, or had their time.
#include "kbeat/pipeline/fellow_share.hpp"

#include <algorithm>

#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/group_positions.hpp"

namespace kbeat::pipeline {
namespace {

constexpr Milliseconds k_look_every{200};

bool is_pattern(const std::string& topic) {
  return topic.starts_with('^');
}

}  // namespace

FellowShare::FellowShare(transport::Transport& transport, const ConsumeOptions& options)
    : m_transport(transport),
      m_group(options.group),
      m_topics(options.topics),
      m_patience(options.fellows_patience),
      m_timeout(options.timeout) {
  // The topics of a pattern are those in which the group has a position.
  if (std::any_of(m_topics.begin(), m_topics.end(), is_pattern)) m_topics.clear();
}

void FellowShare::shared_out(SteadyTime now) {
  m_shared_out = now;
  m_next_look = now;
}

bool FellowShare::settled(const Partitions& owned, SteadyTime now) {
  if (now - m_shared_out >= m_patience) return true;
  if (now < m_next_look) return false;
  m_next_look = now + k_look_every;
  try {
    return nothing_left(owned);
  } catch (const Error& error) {
    if (!error.retryable()) throw;
    log_debug("looking at the partitions of others: {}", error.what());
    return false;
  }
}

bool FellowShare::nothing_left(const Partitions& owned) {
  const auto topics = m_transport.make_topic_admin(m_timeout);
  const auto offsets = m_transport.make_offset_admin(m_timeout);
  const auto positions = group_positions(*topics, *offsets, m_group, m_topics);
  return std::all_of(positions.begin(), positions.end(), [&](const GroupPosition& position) {
    if (owned.contains(position.partition) || position.earliest == position.latest) return true;
    const Offset end = m_ends.try_emplace(position.partition, position.latest).first->second;
    return position.committed.has_value() && *position.committed >= end;
  });
}

}  // namespace kbeat::pipeline
