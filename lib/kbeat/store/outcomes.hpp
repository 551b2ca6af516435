// The one write of the main job: effects, dedupe marks, dead letters and next offsets in one transaction.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/model/dead_letter.hpp"
#include "kbeat/model/effect.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::store {

/// Where the event first came from; carried through retries, so that older events never overwrite newer
/// state.
struct Origin {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  WallTime timestamp;
};

/// Finished well: `identity` and `value_hash` (of the record's value) make the dedupe mark. It borrows what
/// it names from whoever hands it over, until that call returns.
struct FinishedDone {
  std::string_view handler;
  std::string_view identity;
  Digest value_hash;
  Origin origin;
  std::span<const Effect> effects;
  /// A retry or a forced replay: the same id with other bytes is no reuse.
  bool may_differ = false;
  /// Apply although a mark is there, replacing its rows.
  bool force = false;
};

struct FinishedLetter {
  DeadLetter letter;
};

/// Nothing to apply: an unhandled type, a duplicate known beforehand, a record of another group's retry.
struct FinishedSkip {};

struct FinishedRecord {
  std::size_t progress = 0;  ///< of its partition: an index of Batch::progress
  Offset offset;
  std::variant<FinishedDone, FinishedLetter, FinishedSkip> what;
};

/// The lowest unfinished offset of a partition after this batch.
struct Progress {
  TopicPartition partition;
  std::int64_t epoch = 0;
  Offset next;
  std::optional<RecordMark> mark;
};

struct Batch {
  Scope scope;
  /// Whose dedupe marks count and are written; nothing: the scope's group.
  std::optional<GroupId> marks_of{};
  std::vector<Progress> progress;
  std::vector<FinishedRecord> records;
  /// Builds the letter for a record whose effects the database refused or whose event id was reused.
  std::function<DeadLetter(const FinishedRecord&, const Error&)> letter_for;
};

enum class Applied { applied, duplicate, superseded, dead_letter, skipped, fenced };

struct AppliedRecord {
  Applied applied = Applied::applied;
  std::string error;  ///< of a done record that became a dead letter
};

/// `records` answers Batch::records one to one. Records and progress of fenced partitions were dropped.
struct CommitReport {
  std::vector<AppliedRecord> records;
  std::vector<TopicPartition> fenced;
};

class OutcomeStore {
 public:
  OutcomeStore() = default;
  OutcomeStore(const OutcomeStore&) = delete;
  OutcomeStore& operator=(const OutcomeStore&) = delete;
  virtual ~OutcomeStore() = default;

  /// All or nothing but for fenced partitions. Each record's effects stand in a savepoint. A full disk, an
  /// I/O error or a lock held too long throws a retryable Error and changes nothing.
  virtual CommitReport commit(const Batch& batch) = 0;

  /// Whether there is a mark, in the order asked for.
  [[nodiscard]] virtual std::vector<bool> find_marks(const GroupId& group, const std::string& handler,
                                                     std::span<const std::string> identities) = 0;

  /// Counts one more crash of kbeat's own making while this record ran alone (or notes it as a suspect
  /// with `alone` false); returns the crashes so far.
  virtual int note_crash(const Scope& scope, const TopicPartition& partition, Offset offset, bool alone) = 0;

  /// Records in progress when a process died, of these partitions, with their crashes.
  struct Suspect {
    TopicPartition partition;
    Offset offset;
    int crashes = 0;
  };
  [[nodiscard]] virtual std::vector<Suspect> suspects(const Scope& scope) = 0;

  /// Keeps every handled event in `events` from now on (ENABLE_EVENT_SOURCING is the caller's to look at).
  /// Drops marks older than `before`, except those that an outbox row or an open letter still needs.
  virtual std::size_t drop_marks(WallTime before) = 0;
};

}  // namespace kbeat::store
