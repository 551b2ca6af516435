// Claims, marks and lists.
#include "kbeat/store/notifications.hpp"

#include <fmt/format.h>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {
namespace {

constexpr std::string_view k_columns =
    "id, user_id, event, content, sent_status, created_at, sent_at, attempts, error, unsettled";

std::vector<Notification> read_rows(sqlite::Rows rows) {
  std::vector<Notification> all;
  while (rows.next()) {
    Notification one{.id = rows.integer(0),
                     .user_id = std::string(rows.bytes(1)),
                     .event = std::string(rows.bytes(2)),
                     .content = std::string(rows.bytes(3)),
                     .status = std::string(rows.bytes(4)),
                     .created = from_column(rows.integer(5)),
                     .sent = {},
                     .attempts = static_cast<int>(rows.integer(7)),
                     .error = std::string(rows.bytes(8)),
                     .in_doubt = rows.integer(9) > 0};
    if (const auto sent = rows.optional_integer(6)) one.sent = from_column(*sent);
    all.push_back(std::move(one));
  }
  return all;
}

/// Within a transaction.
void begin(sqlite::Database& database, std::int64_t id, const std::string& owner) {
  sqlite::Statement note(database,
                         "UPDATE notifications SET attempts = attempts + 1, unsettled = unsettled + 1 "
                         "WHERE id = ? AND claimed_by = ?");
  note.run(id, owner);
}

}  // namespace

Notifications::Notifications(const std::filesystem::path& data_dir)
    : m_database(open_store_file(data_dir, OpenMode::read_write)) {}

std::vector<Notification> Notifications::list(NotificationState state, std::int64_t limit) {
  const char* wanted = state == NotificationState::unsent ? "unsent" : "sent";
  const bool any = state == NotificationState::any;
  sqlite::Statement select(*m_database,
                           fmt::format("SELECT {} FROM notifications WHERE ?1 OR sent_status = ?2 "
                                       "ORDER BY id LIMIT ?3",
                                       k_columns));
  return read_rows(select.query(any, std::string_view(wanted), limit));
}

std::int64_t Notifications::add(const std::string& user_id, const std::string& event,
                                const std::string& content, WallTime now) {
  sqlite::Statement insert(*m_database,
                           "INSERT INTO notifications(event_identity, ordinal, user_id, event, content, "
                           "created_at) VALUES('local/' || lower(hex(randomblob(16))), 0, ?, ?, ?, ?)");
  sqlite::Transaction transaction(*m_database);
  insert.run(user_id, event, content, to_column(now));
  const std::int64_t id = m_database->last_insert_rowid();
  transaction.commit();
  return id;
}

std::vector<std::int64_t> Notifications::waiting(std::int64_t after, WallTime now) {
  sqlite::Statement select(*m_database,
                           "SELECT id FROM notifications WHERE sent_status = 'unsent' AND id > ? AND "
                           "claimed_until <= ? ORDER BY attempts, id");
  std::vector<std::int64_t> ids;
  sqlite::Rows rows = select.query(after, to_column(now));
  while (rows.next()) ids.push_back(rows.integer(0));
  return ids;
}

std::vector<Notification> Notifications::claim(const Claim& claim, std::span<const std::int64_t> ids) {
  const std::string list = fmt::format("[{}]", fmt::join(ids, ","));
  sqlite::Statement take(
      *m_database,
      "UPDATE notifications SET claimed_by = ?1, claimed_until = ?2 WHERE sent_status = 'unsent' AND "
      "claimed_until <= ?3 AND id IN (SELECT value FROM json_each(?4))");
  sqlite::Statement select(
      *m_database, fmt::format("SELECT {} FROM (SELECT value AS wanted, key AS place FROM json_each(?)) "
                               "JOIN notifications ON id = wanted "
                               "WHERE sent_status = 'unsent' AND claimed_by = ? ORDER BY place",
                               k_columns));
  sqlite::Transaction transaction(*m_database);
  take.run(claim.owner, to_column(claim.now + claim.lease), to_column(claim.now), list);
  std::vector<Notification> rows = read_rows(select.query(list, claim.owner));
  if (!rows.empty()) begin(*m_database, rows.front().id, claim.owner);
  transaction.commit();
  return rows;
}

bool Notifications::claim_one(const Claim& claim, std::int64_t id) {
  sqlite::Statement take(*m_database,
                         "UPDATE notifications SET claimed_by = ?1, claimed_until = ?2 WHERE id = ?3 AND "
                         "sent_status = 'unsent' AND claimed_until <= ?4");
  sqlite::Transaction transaction(*m_database);
  const bool taken = take.run(claim.owner, to_column(claim.now + claim.lease), id, to_column(claim.now)) > 0;
  if (taken) begin(*m_database, id, claim.owner);
  transaction.commit();
  return taken;
}

bool Notifications::keep(const Claim& claim, std::int64_t id) {
  sqlite::Statement longer(*m_database,
                           "UPDATE notifications SET claimed_until = ? WHERE id = ? AND claimed_by = ? AND "
                           "sent_status = 'unsent'");
  sqlite::Transaction transaction(*m_database);
  const bool ours = longer.run(to_column(claim.now + claim.lease), id, claim.owner) > 0;
  transaction.commit();
  return ours;
}

bool Notifications::settle(const Settled& settled) {
  sqlite::Statement mark(
      *m_database,
      "UPDATE notifications SET sent_status = ?1, sent_at = ?2, error = ?3, attempts = attempts - 1 + ?4, "
      "unsettled = CASE WHEN ?5 THEN 0 ELSE unsettled - 1 END, claimed_by = '', claimed_until = 0 "
      "WHERE id = ?6 AND claimed_by = ?7");
  const auto sent_at = settled.sent ? std::optional(to_column(settled.now)) : std::nullopt;
  sqlite::Transaction transaction(*m_database);
  const bool ours = mark.run(std::string_view(settled.sent ? "sent" : "unsent"), sent_at, settled.error,
                             settled.attempts, settled.sent, settled.id, settled.owner) > 0;
  if (settled.next) begin(*m_database, *settled.next, settled.owner);
  transaction.commit();
  return ours;
}

void Notifications::release(const std::string& owner, const std::optional<std::int64_t>& begun) {
  sqlite::Statement undo(*m_database,
                         "UPDATE notifications SET attempts = attempts - 1, unsettled = unsettled - 1 "
                         "WHERE id = ? AND claimed_by = ?");
  sqlite::Statement give_back(
      *m_database,
      "UPDATE notifications SET claimed_by = '', claimed_until = 0 WHERE claimed_by = ? "
      "AND sent_status = 'unsent'");
  sqlite::Transaction transaction(*m_database);
  if (begun) undo.run(*begun, owner);
  give_back.run(owner);
  transaction.commit();
}

std::int64_t Notifications::claimed_by_others(const std::string& owner, WallTime now) {
  sqlite::Statement count(
      *m_database,
      "SELECT count(*) FROM notifications WHERE sent_status = 'unsent' AND claimed_by <> ? "
      "AND claimed_until > ?");
  sqlite::Rows rows = count.query(owner, to_column(now));
  return rows.next() ? rows.integer(0) : 0;
}

}  // namespace kbeat::store
