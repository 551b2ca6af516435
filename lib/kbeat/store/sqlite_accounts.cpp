// Users, tokens and the audit on SQLite, with a connection of its own.
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/accounts.hpp"
#include "kbeat/store/column_times.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {
namespace {

User read_user(const sqlite::Rows& row) {
  return {.email = std::string(row.bytes(0)),
          .role = std::string(row.bytes(1)),
          .password_hash = std::string(row.bytes(2)),
          .created = from_column(row.integer(3))};
}

class SqliteAccounts final : public Accounts {
 public:
  explicit SqliteAccounts(std::unique_ptr<sqlite::Database> database)
      : m_database(std::move(database)),
        m_put(*m_database, "INSERT INTO users(email, role, password_hash, created_at) VALUES(?, ?, ?, ?)"),
        m_remove(*m_database, "DELETE FROM users WHERE email = ?"),
        m_remove_tokens(*m_database, "DELETE FROM tokens WHERE email = ?"),
        m_find(*m_database, "SELECT email, role, password_hash, created_at FROM users WHERE email = ?"),
        m_all(*m_database, "SELECT email, role, password_hash, created_at FROM users ORDER BY email"),
        m_drop_expired(*m_database, "DELETE FROM tokens WHERE expires_at <= ?"),
        m_add_token(*m_database, "INSERT INTO tokens(hash, email, expires_at) VALUES(?, ?, ?)"),
        m_owner(
            *m_database,
            "SELECT u.email, u.role, t.expires_at FROM tokens t JOIN users u USING(email) WHERE t.hash = ? "
            "AND t.expires_at > ?"),
        m_note(*m_database,
               "INSERT INTO audit(at, who, peer, method, path, status) VALUES(?, ?, ?, ?, ?, ?)") {}

  void put(const User& user) override {
    sqlite::Transaction transaction(*m_database);
    m_remove_tokens.run(user.email);
    m_remove.run(user.email);
    m_put.run(user.email, user.role, user.password_hash, to_column(user.created));
    transaction.commit();
  }

  bool remove(const std::string& email) override {
    sqlite::Transaction transaction(*m_database);
    m_remove_tokens.run(email);
    const bool was_there = m_remove.run(email) > 0;
    transaction.commit();
    return was_there;
  }

  std::optional<User> find(const std::string& email) override {
    sqlite::Rows rows = m_find.query(email);
    return rows.next() ? std::optional(read_user(rows)) : std::nullopt;
  }

  std::vector<User> all() override {
    std::vector<User> users;
    sqlite::Rows rows = m_all.query();
    while (rows.next()) users.push_back(read_user(rows));
    return users;
  }

  void add_token(const std::string& token_hash, const std::string& email, WallTime expires) override {
    sqlite::Transaction transaction(*m_database);
    m_drop_expired.run(to_column(SystemClock().now()));
    m_add_token.run(sqlite::Blob{token_hash}, email, to_column(expires));
    transaction.commit();
  }

  std::optional<TokenOwner> owner_of(const std::string& token_hash) override {
    sqlite::Rows rows = m_owner.query(sqlite::Blob{token_hash}, to_column(SystemClock().now()));
    if (!rows.next()) return std::nullopt;
    return TokenOwner{.email = std::string(rows.bytes(0)),
                      .role = std::string(rows.bytes(1)),
                      .expires = from_column(rows.integer(2))};
  }

  void note(std::span<const AuditRow> rows) override {
    sqlite::Transaction transaction(*m_database);
    for (const AuditRow& row : rows)
      m_note.run(to_column(row.at), row.who, row.peer, row.method, row.path, row.status);
    transaction.commit();
  }

 private:
  std::unique_ptr<sqlite::Database> m_database;  // first, so that it outlives all statements
  sqlite::Statement m_put;
  sqlite::Statement m_remove;
  sqlite::Statement m_remove_tokens;
  sqlite::Statement m_find;
  sqlite::Statement m_all;
  sqlite::Statement m_drop_expired;
  sqlite::Statement m_add_token;
  sqlite::Statement m_owner;
  sqlite::Statement m_note;
};

}  // namespace

std::unique_ptr<Accounts> open_accounts(const std::filesystem::path& data_dir) {
  return std::make_unique<SqliteAccounts>(open_store_file(data_dir, OpenMode::read_write));
}

}  // namespace kbeat::store
