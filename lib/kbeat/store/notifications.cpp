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
    "id, user_id, event, content, sent_status, created_at, sent_at, attempts, error";

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
                     .error = std::string(rows.bytes(8))};
    if (const auto sent = rows.optional_integer(6)) one.sent = from_column(*sent);
    all.push_back(std::move(one));
  }
  return all;
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

std::vector<Notification> Notifications::claim(const Claim& claim, std::int64_t after, std::int64_t limit) {
  sqlite::Statement take(
      *m_database,
      "UPDATE notifications SET claimed_by = ?1, claimed_until = ?2 WHERE id IN (SELECT id FROM "
      "notifications "
      "WHERE sent_status = 'unsent' AND claimed_until <= ?3 AND id > ?4 ORDER BY id LIMIT ?5)");
  sqlite::Statement select(*m_database,
                           fmt::format("SELECT {} FROM notifications WHERE sent_status = 'unsent' AND "
                                       "claimed_by = ? AND id > ? ORDER BY id",
                                       k_columns));
  sqlite::Transaction transaction(*m_database);
  take.run(claim.owner, to_column(claim.now + claim.lease), to_column(claim.now), after, limit);
  std::vector<Notification> rows = read_rows(select.query(claim.owner, after));
  transaction.commit();
  return rows;
}

bool Notifications::claim_one(const Claim& claim, std::int64_t id) {
  sqlite::Statement take(*m_database,
                         "UPDATE notifications SET claimed_by = ?1, claimed_until = ?2 WHERE id = ?3 AND "
                         "sent_status = 'unsent' AND claimed_until <= ?4");
  sqlite::Transaction transaction(*m_database);
  const bool taken = take.run(claim.owner, to_column(claim.now + claim.lease), id, to_column(claim.now)) > 0;
  transaction.commit();
  return taken;
}

bool Notifications::mark_sent(std::int64_t id, const std::string& owner, WallTime now, int attempts) {
  sqlite::Statement mark(
      *m_database,
      "UPDATE notifications SET sent_status = 'sent', sent_at = ?1, error = '', attempts = "
      "attempts + ?2, claimed_by = '', claimed_until = 0 WHERE id = ?3 AND claimed_by = ?4");
  sqlite::Transaction transaction(*m_database);
  const bool marked = mark.run(to_column(now), attempts, id, owner) > 0;
  transaction.commit();
  return marked;
}

void Notifications::mark_failed(std::int64_t id, const std::string& owner, const std::string& error,
                                int attempts) {
  sqlite::Statement mark(*m_database,
                         "UPDATE notifications SET error = ?1, attempts = attempts + ?2, claimed_by = '', "
                         "claimed_until = 0 WHERE id = ?3 AND claimed_by = ?4");
  sqlite::Transaction transaction(*m_database);
  mark.run(error, attempts, id, owner);
  transaction.commit();
}

void Notifications::release(const std::string& owner) {
  sqlite::Statement give_back(
      *m_database,
      "UPDATE notifications SET claimed_by = '', claimed_until = 0 WHERE claimed_by = ? "
      "AND sent_status = 'unsent'");
  sqlite::Transaction transaction(*m_database);
  give_back.run(owner);
  transaction.commit();
}

}  // namespace kbeat::store
