// The one write of the main job, on SQLite.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/dedupe_marks.hpp"
#include "kbeat/store/effect_writer.hpp"
#include "kbeat/store/letter_rows.hpp"
#include "kbeat/store/outcomes.hpp"
#include "kbeat/store/progress_rows.hpp"
#include "kbeat/store/suspect_rows.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SqliteOutcomes final : public OutcomeStore {
 public:
  explicit SqliteOutcomes(sqlite::Database& database);

  CommitReport commit(const Batch& batch) override;
  [[nodiscard]] std::vector<bool> find_marks(const GroupId& group, const std::string& handler,
                                             std::span<const std::string> identities) override;
  int note_crash(const Scope& scope, const TopicPartition& partition, Offset offset, bool alone) override;
  [[nodiscard]] std::vector<Suspect> suspects(const Scope& scope) override;
  std::size_t drop_marks(WallTime before) override;

 private:
  struct Commit;

  [[nodiscard]] CommitReport write(Commit& commit);
  void foresee(Commit& commit);
  void apply_record(Commit& commit, std::size_t index);
  [[nodiscard]] AppliedRecord finish(Commit& commit, const FinishedRecord& record, const FinishedDone& done);
  [[nodiscard]] AppliedRecord finish(Commit& commit, const FinishedRecord& record,
                                     const FinishedLetter& letter);
  [[nodiscard]] AppliedRecord finish(Commit& commit, const FinishedRecord& record, const FinishedSkip& skip);
  [[nodiscard]] Applied apply_done(const Commit& commit, const FinishedDone& done);
  [[nodiscard]] bool is_duplicate(const Commit& commit, const FinishedDone& done);
  void write_letter(const Commit& commit, const DeadLetter& letter);

  sqlite::Database& m_database;
  DedupeMarks m_marks;
  EffectWriter m_effects;
  LetterRows m_letters;
  OutboxRows m_outbox;
  ProgressRows m_progress;
  SuspectRows m_suspects;
  std::array<HashIndex*, 3> m_indexes;  ///< of marks and effects, which a transaction writes as its last act
};

}  // namespace kbeat::store
