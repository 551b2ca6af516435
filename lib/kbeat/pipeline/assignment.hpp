// Takes over partitions that the group gave us: claims them in the store and finds where to begin.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/pipeline/start_position.hpp"
#include "kbeat/store/positions.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

struct FromEarliest {};
struct FromLatest {};
/// Where a topic is begun that the group never had.
using StartPolicy = std::variant<FromEarliest, FromLatest, WallTime>;

enum class OnGap { fail, skip };

struct TakeoverOptions {
  store::Scope scope;
  std::string owner;  ///< unique name of this process
  StartPolicy policy = FromEarliest{};
  OnGap on_gap = OnGap::fail;
  /// Of a replay: the group whose events are handled again, and by whose count a topic was made anew.
  std::optional<GroupId> marks_of{};
  Milliseconds timeout{30'000};
};

/// Used by the loop's thread. Throws Error{data_gap} for records that are gone and for a topic made anew
/// (unless gaps are skipped), retryable ones when the broker does not answer.
class Takeover {
 public:
  Takeover(transport::Transport& transport, store::PositionStore& positions, const TakeoverOptions& options,
           Clock& clock);

  /// Claims the partitions and returns where each begins, in the order given. What is decided anew is in the
  /// store already; `to_commit` is what the broker still has to be told before the first record is taken.
  struct Result {
    std::vector<store::StoredPosition> positions;
    std::vector<transport::CommittedPosition> to_commit;
  };
  [[nodiscard]] Result take(std::span<const TopicPartition> partitions);

  /// Reads the last handled records of running partitions again, for a topic that was away meanwhile. Throws
  /// Error{data_gap} when one is another.
  void check_unchanged(std::span<const store::StoredPosition> positions);

  /// `next` as the broker's copy, with the mark of this store.
  [[nodiscard]] transport::CommittedPosition as_commit(const TopicPartition& partition, Offset next,
                                                       std::int64_t generation);

  /// A position that the log no longer has: moves it past the gap or throws Error{data_gap}.
  void skip_gap(store::StoredPosition& position, Offset wanted, Offset earliest, Offset latest);

 private:
  struct LogRange {
    Offset earliest;
    Offset latest;
  };

  [[nodiscard]] StartReason decide(store::StoredPosition& position,
                                   const std::optional<transport::CommittedPosition>& committed,
                                   LogRange& range);
  void refuse_other_cluster(std::span<const TopicPartition> partitions);
  [[nodiscard]] std::int64_t incarnation_of_marks(const TopicPartition& partition);
  void begin_new_topics(transport::OffsetAdmin& admin, std::span<const TopicPartition> partitions);
  void begin_topic(transport::OffsetAdmin& admin, const TopicName& topic);
  void report(const store::StoredPosition& position, const StartDecision& decision) const;
  void check_range(store::StoredPosition& position, LogRange& range);
  void check_marks(std::span<store::StoredPosition> positions, std::span<const LogRange> ranges,
                   std::span<const StartReason> reasons);
  void begin_anew(store::StoredPosition& position, const LogRange& range, StartReason reason);
  [[nodiscard]] std::vector<LogRange> ranges(std::span<const TopicPartition> partitions);

  transport::Transport& m_transport;
  store::PositionStore& m_positions;
  TakeoverOptions m_options;
  Clock& m_clock;
  std::string m_store_id;
};

}  // namespace kbeat::pipeline
