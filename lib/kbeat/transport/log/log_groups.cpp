// Reading, changing and writing back groups.
#include "kbeat/transport/log/log_groups.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/transport/log/member_text.hpp"

namespace kbeat::transport::log {
namespace {

using local::GroupPhase;
using local::GroupState;
using local::Member;

bool is_same(const GroupState& a, const GroupState& b) {
  return a.generation == b.generation && a.phase == b.phase && a.dealt == b.dealt &&
         a.preparing_since.milliseconds == b.preparing_since.milliseconds;
}

const Member* find_in(const std::vector<Member>& members, const std::string& id) {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const Member& member) { return member.id == id; });
  return found == members.end() ? nullptr : &*found;
}

}  // namespace

LogGroups::LogGroups(sqlite::Database& database, NotifyFile& notify)
    : m_database(database),
      m_notify(notify),
      m_all(database, "SELECT name FROM groups ORDER BY name"),
      m_find(database, "SELECT id FROM groups WHERE name = ?"),
      m_insert(database, "INSERT INTO groups(name) VALUES(?)"),
      m_load(database, "SELECT generation, preparing, boot, since, dealt FROM groups WHERE id = ?"),
      m_save(database,
             "UPDATE groups SET generation = ?2, preparing = ?3, boot = ?4, since = ?5, dealt = ?6 WHERE id "
             "= ?1"),
      m_members(database,
                "SELECT id, client_id, host, topics, session, boot, lease_until, generation, partitions "
                "FROM members WHERE group_id = ?"),
      m_save_member(database, "INSERT OR REPLACE INTO members VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      m_drop_member(database, "DELETE FROM members WHERE group_id = ? AND id = ?"),
      m_positions(
          database,
          "SELECT topics.name, number, next, metadata FROM positions JOIN topics ON topics.id = topic "
          "WHERE group_id = ? ORDER BY topics.name, number"),
      m_topic(database, "SELECT id FROM topics WHERE name = ?"),
      m_save_position(database, "INSERT OR REPLACE INTO positions VALUES(?, ?, ?, ?, ?)"),
      m_remove(database, "DELETE FROM groups WHERE id = ?") {}

std::vector<GroupId> LogGroups::all() {
  std::vector<GroupId> groups;
  auto rows = m_all.query();
  while (rows.next()) groups.emplace_back(std::string(rows.bytes(0)));
  return groups;
}

std::int64_t LogGroups::find(const GroupId& group) {
  auto rows = m_find.query(group.get());
  return rows.next() ? rows.integer(0) : 0;
}

std::int64_t LogGroups::find_or_insert(const GroupId& group) {
  if (const std::int64_t id = find(group); id != 0) return id;
  m_insert.run(group.get());
  return m_database.last_insert_rowid();
}

GroupState LogGroups::load(std::int64_t id) {
  GroupState group;
  if (auto rows = m_load.query(id); rows.next()) {
    group.generation = rows.integer(0);
    group.phase = rows.integer(1) != 0 ? GroupPhase::preparing : GroupPhase::stable;
    group.preparing_since = {std::string(rows.bytes(2)), rows.integer(3)};
    group.dealt = static_cast<std::uint64_t>(rows.integer(4));
  }
  auto rows = m_members.query(id);
  while (rows.next()) {
    group.members.push_back({.id = std::string(rows.bytes(0)),
                             .client_id = std::string(rows.bytes(1)),
                             .host = std::string(rows.bytes(2)),
                             .topics = lines_of(rows.bytes(3)),
                             .session = Milliseconds{rows.integer(4)},
                             .boot = std::string(rows.bytes(5)),
                             .lease_until = rows.integer(6),
                             .generation = rows.integer(7),
                             .partitions = partitions_of(rows.bytes(8))});
  }
  return group;
}

GroupState LogGroups::read(const GroupId& group) {
  const sqlite::ReadTransaction one_state(m_database);
  return load(find(group));
}

void LogGroups::write(std::int64_t id, const GroupState& before, const GroupState& after) {
  if (!is_same(before, after)) {
    m_save.run(id, after.generation, after.phase == GroupPhase::preparing ? 1 : 0, after.preparing_since.boot,
               after.preparing_since.milliseconds, static_cast<std::int64_t>(after.dealt));
  }
  for (const Member& member : after.members) {
    const Member* old = find_in(before.members, member.id);
    if (old != nullptr && *old == member) continue;
    m_save_member.run(id, member.id, member.client_id, member.host, text_of(member.topics),
                      member.session.count(), member.boot, member.lease_until, member.generation,
                      text_of(member.partitions));
  }
  for (const Member& member : before.members) {
    if (find_in(after.members, member.id) == nullptr) m_drop_member.run(id, member.id);
  }
}

LogGroups::Rebalanced LogGroups::change_group(const GroupId& group, const Change& change) {
  const std::int64_t known = find(group);
  const GroupState before = load(known);
  GroupState after = before;
  change(after);
  const bool is_new_and_empty = known == 0 && after.members.empty();
  if (is_new_and_empty) return Rebalanced::no;
  write(known != 0 ? known : find_or_insert(group), before, after);
  const bool rebalanced = before.generation != after.generation || before.phase != after.phase;
  return rebalanced ? Rebalanced::yes : Rebalanced::no;
}

void LogGroups::update(const GroupId& group, const Change& change) {
  sqlite::Transaction transaction(m_database);
  const Rebalanced rebalanced = change_group(group, change);
  transaction.commit();
  if (rebalanced == Rebalanced::yes) m_notify.announce(NotifyFile::What::control);
}

void LogGroups::commit(const local::GroupPositions& positions, const Change& check) {
  sqlite::Transaction transaction(m_database);
  const Rebalanced rebalanced = change_group(positions.group, check);
  write_positions(positions);
  transaction.commit();
  if (rebalanced == Rebalanced::yes) m_notify.announce(NotifyFile::What::control);
}

void LogGroups::write_positions(const local::GroupPositions& positions) {
  if (positions.positions.empty()) return;
  const std::int64_t group = find_or_insert(positions.group);
  for (const CommittedPosition& position : positions.positions) {
    const TopicName& topic = position.partition.topic;
    auto rows = m_topic.query(topic.get());
    if (!rows.next()) {
      throw Error(ErrorCode::not_found,
                  fmt::format("no position can be kept in topic {}: it does not exist", topic.get()));
    }
    m_save_position.run(group, rows.integer(0), position.partition.partition.get(), position.next.get(),
                        position.metadata);
  }
}

std::vector<CommittedPosition> LogGroups::positions(const GroupId& group) {
  const sqlite::ReadTransaction one_state(m_database);
  std::vector<CommittedPosition> positions;
  auto rows = m_positions.query(find(group));
  while (rows.next()) {
    positions.push_back({.partition = {TopicName{std::string(rows.bytes(0))},
                                       Partition{static_cast<std::int32_t>(rows.integer(1))}},
                         .next = Offset{rows.integer(2)},
                         .metadata = std::string(rows.bytes(3))});
  }
  return positions;
}

void LogGroups::remove(const GroupId& group) {
  sqlite::Transaction transaction(m_database);
  const std::int64_t id = find(group);
  if (id == 0) throw Error(ErrorCode::not_found, fmt::format("there is no group {}", group.get()));
  if (!load(id).members.empty()) {
    throw Error(ErrorCode::busy, fmt::format("group {} has active members: stop them first", group.get()));
  }
  m_remove.run(id);
  transaction.commit();
}

}  // namespace kbeat::transport::log
