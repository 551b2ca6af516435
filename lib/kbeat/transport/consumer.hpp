// The reading side of a transport: events in, positions out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/model/record_batch.hpp"

namespace kbeat::transport {

enum class Isolation { read_committed, read_uncommitted };

struct ConsumerOptions {
  std::string client_id = "kbeat";
  /// With a group, partitions come and go by Assigned and Revoked; without, `start` chooses them.
  std::optional<GroupId> group;
  /// Topics to share in the group; a name that begins with ^ is a regular expression (RE2 syntax).
  std::vector<std::string> topics;
  /// No pattern stands for these.
  std::vector<TopicName> passed_over{};
  Isolation isolation = Isolation::read_committed;
  Milliseconds session_timeout{6000};
  /// Most bytes fetched ahead per partition.
  std::size_t prefetch_bytes = 16u << 20;
};

/// The group gave these partitions to this member: answer with `start`.
struct Assigned {
  std::vector<TopicPartition> partitions;
};

/// The group takes these partitions back: answer with `release` once work in hand is settled.
/// `lost` means that another member may own them already, so nothing may be committed for them.
struct Revoked {
  std::vector<TopicPartition> partitions;
  bool lost = false;
};

/// Everything below `next` was delivered or is invisible (control records, aborted, compacted).
struct EndReached {
  TopicPartition partition;
  Offset next;
};

/// The offset asked for is not in the log: before `earliest` or past `latest`. Nothing was skipped;
/// the partition stands still until `start` gives it another position.
struct OffsetGone {
  TopicPartition partition;
  Offset wanted;
  Offset earliest;
  Offset latest;
};

/// A topic that was subscribed or assigned does not exist (any more).
struct TopicGone {
  TopicName topic;
};

/// Something failed. A retryable error heals by itself while polling goes on (a broker away);
/// any other needs a new consumer or a human.
struct Problem {
  Error error;
};

/// Nothing happened within the timeout.
struct Idle {};

using ConsumerEvent =
    std::variant<Idle, RecordBatch, Assigned, Revoked, EndReached, OffsetGone, TopicGone, Problem>;

/// A position as the group's coordinator keeps it, with the mark of who wrote it.
struct CommittedPosition {
  TopicPartition partition;
  Offset next;
  std::string metadata;
  bool operator==(const CommittedPosition&) const = default;
};

enum class Flow { paused, running };

/// Used by one thread. Destroying it leaves the group (bounded to 10 s).
class Consumer {
 public:
  Consumer() = default;
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;
  virtual ~Consumer() = default;

  /// Waits up to `timeout` for the next event. With a group, call it at least every few seconds.
  [[nodiscard]] virtual ConsumerEvent poll(Milliseconds timeout) = 0;

  /// Begins reading at absolute offsets. In a group: the answer to Assigned (exactly its partitions),
  /// or a seek of partitions owned. Without a group: adds or moves partitions.
  virtual void start(std::span<const Position> positions) = 0;

  /// In a group: the answer to Revoked. Without a group: stops reading these partitions.
  virtual void release(std::span<const TopicPartition> partitions) = 0;

  /// Stops or goes on with fetching; the position stays. Partitions not owned are passed over.
  virtual void set_flow(std::span<const TopicPartition> partitions, Flow flow) = 0;

  /// Records positions for the group; returns once the coordinator has them.
  /// Throws Error{fenced} when a partition is no longer this member's.
  virtual void commit(std::span<const CommittedPosition> positions, Milliseconds timeout) = 0;
};

}  // namespace kbeat::transport
