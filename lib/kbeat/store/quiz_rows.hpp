// Rows of quiz events, one for each event id.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kbeat/model/effect.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/hash_index.hpp"

namespace kbeat::store {

/// For one thread, with its database. An event applied again updates its row. A hash index knows the row of
/// an event: a unique index of SQLite's would rewrite a page for each.
class QuizRows {
 public:
  explicit QuizRows(sqlite::Database& database);

  /// What is applied next in this transaction, in this order; some may be left out. All are looked for
  /// together, which costs less than one by one. An effect that was not foreseen is looked for by itself.
  void foresee(std::vector<const UpsertQuizEvent*> effects);
  void apply(const UpsertQuizEvent& effect);

  [[nodiscard]] HashIndex& index() { return m_index; }

 private:
  struct Foreseen {
    HashKey key;
    bool may_be_written = true;
  };

  [[nodiscard]] Foreseen take_foreseen(const UpsertQuizEvent& effect);

  sqlite::Database& m_database;
  HashIndex m_index;
  sqlite::Statement m_insert;
  sqlite::Statement m_update;
  std::vector<const UpsertQuizEvent*> m_effects;  ///< that were foreseen
  std::vector<HashKey> m_keys;                    ///< of each
  std::vector<bool> m_may_be_written;             ///< as the index says of each
  std::size_t m_next = 0;
};

}  // namespace kbeat::store
