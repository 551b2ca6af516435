// The tables of an embedded log, version by version.
#include "kbeat/transport/log/log_schema.hpp"

#include <array>

namespace kbeat::transport::log {
namespace {

constexpr int k_offset_bits = 40;

constexpr std::array k_migrations = {sqlite::Migration{R"sql(
CREATE TABLE facts(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
INSERT INTO facts VALUES('cluster', 'embedded-' || lower(hex(randomblob(8)))), ('cleaned', 0);
CREATE TABLE topics(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE);
CREATE TABLE topic_config(
  topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
  name TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(topic, name)) WITHOUT ROWID;
CREATE TABLE partitions(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
  number INTEGER NOT NULL,
  start INTEGER NOT NULL DEFAULT 0,
  next INTEGER NOT NULL DEFAULT 0,
  newest INTEGER NOT NULL DEFAULT -9223372036854775808,
  bytes INTEGER NOT NULL DEFAULT 0,
  compacted_to INTEGER NOT NULL DEFAULT 0,
  UNIQUE(topic, number));
CREATE TABLE batches(
  place INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  newest_so_far INTEGER NOT NULL,
  data BLOB NOT NULL);
CREATE TABLE doomed(partition INTEGER PRIMARY KEY);
CREATE TABLE producers(id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, seen INTEGER NOT NULL);
CREATE TABLE transactional_ids(name TEXT PRIMARY KEY, producer INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE outbox(
  store TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY(store, first)) WITHOUT ROWID;
CREATE TABLE groups(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  generation INTEGER NOT NULL DEFAULT 0,
  preparing INTEGER NOT NULL DEFAULT 0,
  boot TEXT NOT NULL DEFAULT '',
  since INTEGER NOT NULL DEFAULT 0,
  dealt INTEGER NOT NULL DEFAULT 0);
CREATE TABLE members(
  group_id INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE,
  id TEXT NOT NULL,
  client_id TEXT NOT NULL, host TEXT NOT NULL,
  topics TEXT NOT NULL,
  session INTEGER NOT NULL,
  boot TEXT NOT NULL, lease_until INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  partitions TEXT NOT NULL,
  PRIMARY KEY(group_id, id)) WITHOUT ROWID;
CREATE TABLE positions(
  group_id INTEGER NOT NULL REFERENCES groups ON DELETE CASCADE,
  topic INTEGER NOT NULL REFERENCES topics ON DELETE CASCADE,
  number INTEGER NOT NULL,
  next INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY(group_id, topic, number)) WITHOUT ROWID;
)sql"}};

}  // namespace

void prepare_log(sqlite::Database& database) {
  sqlite::migrate(database,
                  {.application_id = k_application_id, .purpose = "log", .migrations = k_migrations});
}

PlaceRange places_of(local::PartitionKey partition) {
  return {place_of(partition, Offset{0}), place_of(local::PartitionKey{partition.get() + 1}, Offset{0}) - 1};
}

std::int64_t milliseconds(WallTime time) {
  return time.time_since_epoch().count();
}

std::int64_t place_of(local::PartitionKey partition, Offset base) {
  return partition.get() << k_offset_bits | base.get();
}

Offset base_of(std::int64_t place) {
  return Offset{place & ((std::int64_t{1} << k_offset_bits) - 1)};
}

}  // namespace kbeat::transport::log
