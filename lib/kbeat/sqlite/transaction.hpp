// Scopes of work on a database: all of it or nothing.
#pragma once

#include "kbeat/sqlite/database.hpp"

namespace kbeat::sqlite {

/// A write transaction, from BEGIN IMMEDIATE on, under the write lock. Rolls back unless committed.
/// Keep it short: no waiting, printing or computing inside.
class Transaction {
 public:
  /// Waits for other writers as long as the database's patience. Throws Error{busy}, retryable.
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  /// Durable when it returns. When it throws nothing was written.
  void commit();

 private:
  Database& m_database;
  bool m_open = true;
};

/// Part of a transaction that may fail by itself. Undone unless kept. They nest.
class Savepoint {
 public:
  explicit Savepoint(Database& database);
  Savepoint(const Savepoint&) = delete;
  Savepoint& operator=(const Savepoint&) = delete;
  ~Savepoint();

  void keep();

 private:
  Database& m_database;
  bool m_open = true;
};

/// Several reads of one state. Keep it short: an open one keeps the -wal from shrinking.
class ReadTransaction {
 public:
  explicit ReadTransaction(Database& database);
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction();

 private:
  Database& m_database;
};

}  // namespace kbeat::sqlite
