// The one write of the main job, on SQLite.
#include "kbeat/store/sqlite_outcomes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/sqlite/transaction.hpp"

namespace kbeat::store {
namespace {

/// The error of a record by itself, which becomes its letter. Any other (a full disk, a damaged file)
/// concerns the whole batch and is passed on.
template <typename Call>
std::optional<Error> refusal_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_input && error.code() != ErrorCode::too_large) throw;
    return error;
  }
  return std::nullopt;
}

/// Thrown to take a batch back that was written without savepoints and has a record that is refused.
struct BatchRefused {};

/// The keys of the dedupe marks. Owners are looked up before the transaction, and one after another is nearly
/// always the same.
std::vector<HashKey> mark_keys_of(DedupeMarks& marks, const Batch& batch) {
  std::vector<HashKey> keys(batch.records.size());
  std::string_view handler;
  std::optional<MarkOwner> owner;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto* done = std::get_if<FinishedDone>(&batch.records[i].what);
    if (done == nullptr) continue;
    if (!owner || handler != done->handler)
      owner = marks.owner(batch.marks_of.value_or(batch.scope.group).get(), std::string(done->handler));
    handler = done->handler;
    keys[i] = marks.key(*owner, done->identity);
  }
  return keys;
}

/// How much the indexes had collected, to take back what a refused record added.
class IndexMark {
 public:
  explicit IndexMark(const std::array<HashIndex*, 3>& indexes) : m_indexes(indexes) {
    for (std::size_t i = 0; i < m_indexes.size(); ++i) m_collected[i] = m_indexes[i]->collected();
  }
  void undo() const {
    for (std::size_t i = 0; i < m_indexes.size(); ++i) m_indexes[i]->undo_to(m_collected[i]);
  }

 private:
  const std::array<HashIndex*, 3>& m_indexes;
  std::array<std::size_t, 3> m_collected{};
};

}  // namespace

/// What one commit works on. `owned` answers Batch::progress one to one.
struct SqliteOutcomes::Commit {
  const Batch& batch;
  std::vector<HashKey> marks;
  std::vector<bool> may_be_marked{};
  WallTime now;
  /// Each record in a savepoint of its own. Hardly any is refused, so that comes second.
  bool careful = false;
  bool has_suspects = false;
  std::vector<std::optional<OwnedPartition>> owned{};
  CommitReport report{};
  std::size_t current = 0;  ///< index of the record in hand
};

SqliteOutcomes::SqliteOutcomes(sqlite::Database& database)
    : m_database(database),
      m_marks(database),
      m_effects(database),
      m_letters(database),
      m_outbox(database),
      m_progress(database),
      m_suspects(database),
      m_indexes{&m_marks.index(), m_effects.indexes()[0], m_effects.indexes()[1]} {}

CommitReport SqliteOutcomes::commit(const Batch& batch) {
  Commit commit{.batch = batch, .marks = mark_keys_of(m_marks, batch), .now = SystemClock().now()};
  try {
    return write(commit);
  } catch (const BatchRefused&) {
    Commit again{.batch = batch, .marks = std::move(commit.marks), .now = commit.now, .careful = true};
    return write(again);
  }
}

CommitReport SqliteOutcomes::write(Commit& commit) {
  const Batch& batch = commit.batch;
  sqlite::Transaction transaction(m_database);
  for (HashIndex* index : m_indexes) index->refresh();
  foresee(commit);
  commit.has_suspects = !m_suspects.read(batch.scope).empty();
  for (const Progress& progress : batch.progress) {
    commit.owned.push_back(m_progress.find_owned(batch.scope, progress));
    if (!commit.owned.back()) commit.report.fenced.push_back(progress.partition);
  }
  commit.report.records.resize(batch.records.size());
  for (std::size_t i = 0; i < batch.records.size(); ++i) apply_record(commit, i);
  for (std::size_t i = 0; i < batch.progress.size(); ++i) {
    if (commit.owned[i]) m_progress.advance(*commit.owned[i], batch.progress[i], commit.now);
  }
  for (HashIndex* index : m_indexes) index->write(commit.now);
  transaction.commit();
  for (HashIndex* index : m_indexes) index->committed();
  return std::move(commit.report);
}

void SqliteOutcomes::foresee(Commit& commit) {
  commit.may_be_marked = m_marks.index().may_be_written(commit.marks);
  std::vector<const FinishedDone*> events;
  for (const FinishedRecord& record : commit.batch.records)
    if (const auto* done = std::get_if<FinishedDone>(&record.what)) events.push_back(done);
  m_effects.foresee(events);
}

void SqliteOutcomes::apply_record(Commit& commit, std::size_t index) {
  const FinishedRecord& record = commit.batch.records[index];
  AppliedRecord& applied = commit.report.records[index];
  commit.current = index;
  if (record.progress >= commit.owned.size())
    throw Error(ErrorCode::internal, "a batch has records of a partition but not its progress");
  const auto& owned = commit.owned[record.progress];
  if (!owned) {
    applied.applied = Applied::fenced;
    return;
  }
  if (m_progress.is_finished(*owned, record.offset)) {
    applied.applied = Applied::duplicate;
    return;
  }
  applied = std::visit([&](const auto& what) { return finish(commit, record, what); }, record.what);
  const Progress& progress = commit.batch.progress[record.progress];
  if (record.offset >= progress.next) m_progress.note_finished(*owned, record.offset);
  if (commit.has_suspects) m_suspects.clear(commit.batch.scope, progress.partition, record.offset);
}

AppliedRecord SqliteOutcomes::finish(Commit& commit, const FinishedRecord& record, const FinishedDone& done) {
  AppliedRecord applied;
  if (!commit.careful) {
    const auto refusal = refusal_of([&] { applied.applied = apply_done(commit, done); });
    if (refusal) throw BatchRefused{};
    return applied;
  }
  const IndexMark before(m_indexes);
  const auto refusal = refusal_of([&] {
    sqlite::Savepoint part(m_database);
    applied.applied = apply_done(commit, done);
    part.keep();
  });
  if (!refusal) return applied;
  before.undo();
  if (!commit.batch.letter_for) throw *refusal;
  write_letter(commit, commit.batch.letter_for(record, *refusal));
  return {.applied = Applied::dead_letter, .error = refusal->what()};
}

AppliedRecord SqliteOutcomes::finish(Commit& commit, const FinishedRecord&, const FinishedLetter& letter) {
  write_letter(commit, letter.letter);
  return {.applied = Applied::dead_letter, .error = {}};
}

AppliedRecord SqliteOutcomes::finish(Commit&, const FinishedRecord&, const FinishedSkip&) {
  return {.applied = Applied::skipped, .error = {}};
}

Applied SqliteOutcomes::apply_done(const Commit& commit, const FinishedDone& done) {
  if (!done.force && is_duplicate(commit, done)) return Applied::duplicate;
  m_marks.put(commit.marks[commit.current], done.value_hash.view());
  return m_effects.apply(done, commit.now) == EffectResult::superseded ? Applied::superseded
                                                                       : Applied::applied;
}

/// True when a mark says that the event was handled. Throws Error{bad_input} when it had other bytes then.
bool SqliteOutcomes::is_duplicate(const Commit& commit, const FinishedDone& done) {
  const std::size_t at = commit.current;
  const std::optional<HashValue> mark = m_marks.find(commit.marks[at], commit.may_be_marked[at]);
  if (!mark) return false;
  if (done.may_differ || *mark == mark_value(done.value_hash.view())) return true;
  throw Error(ErrorCode::bad_input, fmt::format("event id reused: \"{}\" was handled before with other bytes",
                                                escape_for_terminal(done.identity, 200)));
}

void SqliteOutcomes::write_letter(const Commit& commit, const DeadLetter& letter) {
  const FinishedRecord& record = commit.batch.records[commit.current];
  const std::int64_t id = m_letters.add(letter, commit.owned[record.progress]->incarnation);
  m_outbox.withdraw(id);
  m_outbox.add(to_dlq_record(letter), letter.event_id, id, commit.now);
}

std::vector<bool> SqliteOutcomes::find_marks(const GroupId& group, const std::string& handler,
                                             std::span<const std::string> identities) {
  std::vector<bool> marked;
  marked.reserve(identities.size());
  const sqlite::ReadTransaction same_state(m_database);
  const auto owner = m_marks.known_owner(group.get(), handler);
  if (!owner) return std::vector<bool>(identities.size());
  m_marks.index().refresh();
  for (const std::string& identity : identities)
    marked.push_back(m_marks.find(m_marks.key(*owner, identity)).has_value());
  return marked;
}

int SqliteOutcomes::note_crash(const Scope& scope, const TopicPartition& partition, Offset offset,
                               bool alone) {
  sqlite::Transaction transaction(m_database);
  const int crashes = m_suspects.note(scope, partition, offset, alone);
  transaction.commit();
  return crashes;
}

std::vector<OutcomeStore::Suspect> SqliteOutcomes::suspects(const Scope& scope) {
  return m_suspects.read(scope);
}

std::size_t SqliteOutcomes::drop_marks(WallTime before) {
  return m_marks.drop(before);
}

}  // namespace kbeat::store
