// What the local transports stand on: topics, stored batches and groups, kept in memory or in a file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/local/batch_codec.hpp"
#include "kbeat/transport/local/group_state.hpp"
#include "kbeat/transport/local/presence.hpp"
#include "kbeat/transport/local/sequence_set.hpp"
#include "kbeat/transport/local/topic_state.hpp"

namespace kbeat::transport::local {

class TopicLedger {
 public:
  TopicLedger() = default;
  TopicLedger(const TopicLedger&) = delete;
  TopicLedger& operator=(const TopicLedger&) = delete;
  virtual ~TopicLedger() = default;

  [[nodiscard]] virtual std::string cluster_id() = 0;
  [[nodiscard]] virtual std::vector<TopicState> all() = 0;
  [[nodiscard]] virtual std::optional<TopicState> find(const TopicName& topic) = 0;
  /// Throws Error{busy} when the topic exists.
  virtual void create(const TopicSpec& spec) = 0;
  /// Partitions and config of `topic.id` become what `topic` says; new partitions have key 0 and get one.
  virtual void alter(const TopicState& topic) = 0;
  /// With its records and all groups' positions in it.
  virtual void remove(const TopicName& topic) = 0;
};

/// Who appends. The producer that entered last with a transactional id holds it.
struct ProducerStamp {
  std::int64_t id = 0;
  std::string transactional_id;
};

/// Throws Error{fenced} unless `holder` is the producer itself.
void check_holds(const ProducerStamp& producer, std::int64_t holder);

/// Where an outbox row comes from: a second append of the same place is passed over.
struct OutboxPlace {
  std::string store;
  std::int64_t sequence = 0;
};

struct NewBatch {
  PartitionKey partition{0};
  std::shared_ptr<const std::string> bytes;
  std::uint32_t records = 0;
  WallTime max_timestamp;
  std::vector<std::pair<std::uint32_t, OutboxPlace>> outbox;  ///< by index of the record
};

struct GroupPositions {
  GroupId group;
  std::vector<CommittedPosition> positions;
};

/// What is stored together or not at all; only an append outside transactions may lack batches whose topic
/// is gone. An append whose `sequence` the producer had stored before changes nothing.
struct Append {
  ProducerStamp producer;
  std::int64_t sequence = 0;  ///< rises with each append of this producer
  std::span<const NewBatch> batches;
  std::span<const GroupPositions> positions;
};

struct Appended {
  enum class Fate { stored, topic_gone, stored_before };
  Fate fate = Fate::stored;
  Offset base{-1};                         ///< of the first record, the others follow
  std::vector<std::uint32_t> passed_over;  ///< indexes of records that had been stored before
};

struct Fetched {
  Offset start;
  Offset next;                       ///< of the record after the last
  std::vector<StoredBatch> batches;  ///< the first may begin below what was asked for
};

/// How much cleaning is wanted: everything there is, or what is due, for a moment only.
enum class CleaningEffort { everything, a_little };
enum class Cleaned { all, more_is_left };

class RecordLedger {
 public:
  RecordLedger() = default;
  RecordLedger(const RecordLedger&) = delete;
  RecordLedger& operator=(const RecordLedger&) = delete;
  virtual ~RecordLedger() = default;

  /// Makes a producer's stamp; a transactional id fences its former holders.
  [[nodiscard]] virtual ProducerStamp enter(const std::string& transactional_id) = 0;
  /// Durable when it returns; one answer a batch. Throws Error{fenced}, Error{no_space} (retryable), or
  /// Error{not_found} for a transaction into a topic that is gone.
  virtual std::vector<Appended> append(const Append& append) = 0;
  /// At least one batch when there is any at or above `from`, more up to `most_bytes`; none when `from`
  /// is outside the log. Nothing when the partition is gone.
  [[nodiscard]] virtual std::optional<Fetched> fetch(PartitionKey partition, Offset from,
                                                     std::size_t most_bytes) = 0;
  /// The first batch that holds a timestamp at or after `time`, if any.
  [[nodiscard]] virtual std::optional<StoredBatch> find_time(PartitionKey partition, WallTime time) = 0;
  /// Retention and compaction as the topics' configs have it.
  virtual Cleaned clean(WallTime now, CleaningEffort effort) = 0;
};

/// The batch as it is stored at `base`: without those records whose outbox place is in `known` already,
/// which are noted in `answer`; the other places join `known`. Without bytes when no record is left.
[[nodiscard]] StoredBatch place_batch(const NewBatch& batch, Offset base,
                                      const std::function<SequenceSet&(const std::string&)>& known,
                                      Appended& answer);

/// Throws Error{not_found}: what a transaction into a deleted topic ends with.
[[noreturn]] void refuse_transaction();

class GroupLedger {
 public:
  GroupLedger() = default;
  GroupLedger(const GroupLedger&) = delete;
  GroupLedger& operator=(const GroupLedger&) = delete;
  virtual ~GroupLedger() = default;

  using Change = std::function<void(GroupState&)>;

  [[nodiscard]] virtual std::vector<GroupId> all() = 0;
  /// An unknown group is an empty one.
  [[nodiscard]] virtual GroupState read(const GroupId& group) = 0;
  /// Reads, changes and writes back in one transaction; what `change` throws undoes it.
  virtual void update(const GroupId& group, const Change& change) = 0;
  /// As `update`, and records positions with it.
  virtual void commit(const GroupPositions& positions, const Change& check) = 0;
  [[nodiscard]] virtual std::vector<CommittedPosition> positions(const GroupId& group) = 0;
  /// Throws Error{busy} while it has members, Error{not_found} when there is no such group.
  virtual void remove(const GroupId& group) = 0;
};

/// Counts of what was announced since the log was made; they wrap.
struct Changes {
  std::uint32_t any = 0;
  std::uint32_t control = 0;  ///< topics and groups
  bool operator==(const Changes&) const = default;
};

class ChangeSignal {
 public:
  ChangeSignal() = default;
  ChangeSignal(const ChangeSignal&) = delete;
  ChangeSignal& operator=(const ChangeSignal&) = delete;
  virtual ~ChangeSignal() = default;

  [[nodiscard]] virtual Changes seen() = 0;
  /// Returns when `any` differs from `before` or `timeout` is over, whichever is first.
  virtual void wait(const Changes& before, Milliseconds timeout) = 0;
};

/// One client's way to the ledger; used by one thread.
class Ledger {
 public:
  Ledger() = default;
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  virtual ~Ledger() = default;

  [[nodiscard]] virtual TopicLedger& topics() = 0;
  [[nodiscard]] virtual RecordLedger& records() = 0;
  [[nodiscard]] virtual GroupLedger& groups() = 0;
  [[nodiscard]] virtual ChangeSignal& changes() = 0;
  [[nodiscard]] virtual Presence& presence() = 0;
};

/// Safe to call from any thread.
using LedgerSource = std::function<std::unique_ptr<Ledger>()>;

}  // namespace kbeat::transport::local
