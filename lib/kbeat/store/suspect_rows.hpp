// Rows of `suspects`: records that were in progress when a process died.
#pragma once

#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SuspectRows {
 public:
  explicit SuspectRows(sqlite::Database& database);

  /// Within a transaction. Returns the crashes so far.
  int note(const Scope& scope, const TopicPartition& partition, Offset offset, bool alone);
  [[nodiscard]] std::vector<OutcomeStore::Suspect> read(const Scope& scope);
  /// Within a transaction: the record is finished.
  void clear(const Scope& scope, const TopicPartition& partition, Offset offset);

 private:
  sqlite::Statement m_note;
  sqlite::Statement m_read;
  sqlite::Statement m_clear;
};

}  // namespace kbeat::store
