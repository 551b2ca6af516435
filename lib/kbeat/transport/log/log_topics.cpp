// Making, changing, listing and removing topics.
#include "kbeat/transport/log/log_topics.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/transport/log/log_cleaner.hpp"

namespace kbeat::transport::log {

LogTopics::LogTopics(sqlite::Database& database, NotifyFile& notify)
    : m_database(database),
      m_notify(notify),
      m_cluster(database, "SELECT value FROM facts WHERE name = 'cluster'"),
      m_all(database, "SELECT id, name FROM topics ORDER BY name"),
      m_find(database, "SELECT id FROM topics WHERE name = ?"),
      m_partitions(database, "SELECT id FROM partitions WHERE topic = ? ORDER BY number"),
      m_config(database, "SELECT name, value FROM topic_config WHERE topic = ?"),
      m_insert(database, "INSERT INTO topics(name) VALUES(?)"),
      m_insert_partition(database, "INSERT INTO partitions(topic, number) VALUES(?, ?)"),
      m_set_config(database, "INSERT OR REPLACE INTO topic_config VALUES(?, ?, ?)"),
      m_remove(database, "DELETE FROM topics WHERE id = ?"),
      m_doom(database, "INSERT INTO doomed SELECT id FROM partitions WHERE topic = ?") {}

std::string LogTopics::cluster_id() {
  auto rows = m_cluster.query();
  if (!rows.next()) throw Error(ErrorCode::database, fmt::format("{} has no id", m_database.path().string()));
  return std::string(rows.bytes(0));
}

local::TopicState LogTopics::details(TopicName name, std::int64_t id) {
  local::TopicState topic{.topic = std::move(name), .id = id, .partitions = {}, .config = {}};
  auto partitions = m_partitions.query(id);
  while (partitions.next()) topic.partitions.emplace_back(partitions.integer(0));
  auto config = m_config.query(id);
  while (config.next()) topic.config.emplace(config.bytes(0), config.bytes(1));
  return topic;
}

std::vector<local::TopicState> LogTopics::all() {
  const sqlite::ReadTransaction one_state(m_database);
  std::vector<local::TopicState> topics;
  auto rows = m_all.query();
  while (rows.next()) topics.push_back(details(TopicName{std::string(rows.bytes(1))}, rows.integer(0)));
  return topics;
}

std::optional<local::TopicState> LogTopics::find(const TopicName& topic) {
  const sqlite::ReadTransaction one_state(m_database);
  auto rows = m_find.query(topic.get());
  return rows.next() ? std::optional(details(topic, rows.integer(0))) : std::nullopt;
}

void LogTopics::write_details(const local::TopicState& topic) {
  for (std::size_t number = 0; number < topic.partitions.size(); ++number) {
    if (topic.partitions[number].get() == 0) m_insert_partition.run(topic.id, number);
  }
  for (const auto& [name, value] : topic.config) m_set_config.run(topic.id, name, value);
}

void LogTopics::create(const TopicSpec& spec) {
  sqlite::Transaction transaction(m_database);
  if (m_find.query(spec.topic.get()).next()) {
    throw Error(ErrorCode::busy, fmt::format("topic {} exists already", spec.topic.get()));
  }
  m_insert.run(spec.topic.get());
  local::TopicState topic{
      .topic = spec.topic, .id = m_database.last_insert_rowid(), .partitions = {}, .config = spec.config};
  topic.partitions.resize(static_cast<std::size_t>(spec.partitions));
  write_details(topic);
  transaction.commit();
  m_notify.announce(NotifyFile::What::control);
}

void LogTopics::alter(const local::TopicState& topic) {
  sqlite::Transaction transaction(m_database);
  if (auto rows = m_find.query(topic.topic.get()); !rows.next() || rows.integer(0) != topic.id) {
    throw Error(ErrorCode::not_found, fmt::format("topic {} was deleted meanwhile", topic.topic.get()));
  }
  write_details(topic);
  transaction.commit();
  m_notify.announce(NotifyFile::What::control);
}

void LogTopics::remove(const TopicName& topic) {
  sqlite::Transaction transaction(m_database);
  std::int64_t id = 0;
  if (auto rows = m_find.query(topic.get()); rows.next()) id = rows.integer(0);
  m_doom.run(id);
  m_remove.run(id);
  transaction.commit();
  m_notify.announce(NotifyFile::What::control);
  remove_doomed(m_database, std::nullopt);
}

}  // namespace kbeat::transport::log
