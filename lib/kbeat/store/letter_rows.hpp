// Rows of `dead_letters`: the store's own copy of each, kept until its fate is known.
#pragma once

#include <cstdint>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/dead_letter.hpp"
#include "kbeat/sqlite/statement.hpp"

namespace kbeat::store {

/// For one thread, with its database; each call within a transaction.
class LetterRows {
 public:
  explicit LetterRows(sqlite::Database& database);

  /// Adds the letter as pending, or replaces the one of the same record that failed before. Returns its id.
  std::int64_t add(const DeadLetter& letter, std::int64_t incarnation);
  /// A pending one has reached its topic.
  void mark_published(std::int64_t id);

 private:
  sqlite::Statement m_add;
  sqlite::Statement m_publish;
};

}  // namespace kbeat::store
