// The store on SQLite: one connection with all its seams.
#pragma once

#include <memory>

#include "kbeat/store/beat_rows.hpp"
#include "kbeat/store/sqlite_letter_archive.hpp"
#include "kbeat/store/sqlite_outbox.hpp"
#include "kbeat/store/sqlite_outcomes.hpp"
#include "kbeat/store/sqlite_positions.hpp"
#include "kbeat/store/sqlite_runtime.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::store {

class SqliteStore final : public Store {
 public:
  /// The database has the present schema already.
  explicit SqliteStore(std::unique_ptr<sqlite::Database> database);

  [[nodiscard]] PositionStore& positions() override { return m_positions; }
  [[nodiscard]] OutcomeStore& outcomes() override { return m_outcomes; }
  [[nodiscard]] Outbox& outbox() override { return m_outbox; }
  [[nodiscard]] LetterArchive& letters() override { return m_letters; }
  [[nodiscard]] BeatReader& beats() override { return m_beats; }
  [[nodiscard]] RuntimeStore& runtime() override { return m_runtime; }

 private:
  std::unique_ptr<sqlite::Database> m_database;  // first, so that it outlives all statements
  SqlitePositions m_positions;
  SqliteOutcomes m_outcomes;
  SqliteOutbox m_outbox;
  SqliteLetterArchive m_letters;
  BeatRows m_beats;
  SqliteRuntime m_runtime;
};

}  // namespace kbeat::store
