// Scopes of work on a database: all of it or nothing.
#include "kbeat/sqlite/transaction.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/failure.hpp"

namespace kbeat::sqlite {
namespace {

/// For destructors: a rollback that fails has nothing left to undo, SQLite did it by itself.
void execute_quietly(Database& database, const char* sql) {
  sqlite3_exec(database.handle(), sql, nullptr, nullptr, nullptr);
}

}  // namespace

Transaction::Transaction(Database& database) : m_database(database) {
  if (database.access() == Access::read_only) {
    throw Error(ErrorCode::internal, fmt::format("{} was opened for reading only", database.path().string()));
  }
  database.m_lock->acquire(database.m_options.patience);
  const int result = sqlite3_exec(database.handle(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return;
  database.m_lock->release();
  throw_failure(database.handle(), result, fmt::format("cannot write to {}", database.path().string()));
}

Transaction::~Transaction() {
  if (!m_open) return;
  execute_quietly(m_database, "ROLLBACK");
  m_database.m_lock->release();
}

void Transaction::commit() {
  const int result = sqlite3_exec(m_database.handle(), "COMMIT", nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) {
    throw_failure(m_database.handle(), result, fmt::format("cannot write to {}", m_database.path().string()));
  }
  m_open = false;
  m_database.checkpoint_if_large();
  m_database.m_lock->release();
}

Savepoint::Savepoint(Database& database) : m_database(database) {
  database.execute("SAVEPOINT part");
}

Savepoint::~Savepoint() {
  if (m_open) execute_quietly(m_database, "ROLLBACK TO part; RELEASE part");
}

void Savepoint::keep() {
  m_database.execute("RELEASE part");
  m_open = false;
}

ReadTransaction::ReadTransaction(Database& database) : m_database(database) {
  database.execute("BEGIN");
}

ReadTransaction::~ReadTransaction() {
  execute_quietly(m_database, "ROLLBACK");
}

}  // namespace kbeat::sqlite
