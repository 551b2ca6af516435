// Rows of `outbox` as written in the transaction of their cause.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/sqlite/statement.hpp"

namespace kbeat::store {

/// For one thread, with its database; each call within a transaction.
class OutboxRows {
 public:
  explicit OutboxRows(sqlite::Database& database);

  /// `letter` is the id of the dead letter that the record carries. Returns the row's number, which is
  /// never used again.
  std::int64_t add(const Record& record, const std::string& event_id, std::optional<std::int64_t> letter,
                   WallTime now);
  /// Takes back what is still owed for a dead letter: a newer one of the same record takes its place.
  void withdraw(std::int64_t letter);

 private:
  sqlite::Database& m_database;
  sqlite::Statement m_add;
  sqlite::Statement m_withdraw;
};

}  // namespace kbeat::store
