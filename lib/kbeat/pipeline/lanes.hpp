// Keeps the order per key: of each lane's records one run at a time is out, and a waiting retry holds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kbeat/pipeline/work.hpp"

namespace kbeat::pipeline {

/// Consecutive records of one lane, handed to a worker together.
using LaneRun = std::vector<std::unique_ptr<Work>>;

/// `key`: later records of a lane wait while one of them backs off. `none`: that one leaves the lane, and the
/// order with it.
enum class RetryOrder : std::uint8_t { key, none };

/// What becomes of records that back off.
struct RetryRelease {
  std::size_t burst = 100;  ///< of those that are due, at most so many are out at a time
  RetryOrder order = RetryOrder::key;
};

/// Not safe for several threads.
class Lanes {
 public:
  explicit Lanes(const RetryRelease& release = {}) : m_release(release) {}

  void add(std::unique_ptr<Work> work);

  /// Runs that may be handled now, those whose first record arrived earliest first, so that positions can
  /// follow closely: until they have `most` records, the last run whole. Each must come back by `settle`.
  /// While others are out, the lane of what just arrived is left for the next call: more of its key may be
  /// about to come, and would have to wait for it.
  [[nodiscard]] std::vector<LaneRun> take(std::size_t most, SteadyTime now);
  /// While a suspect waits, records go one by one, in the order of their arrival, with nothing beside them.
  [[nodiscard]] std::vector<LaneRun> take_alone(SteadyTime now);

  /// A run is back: records without an outcome go first in their lane again, a record with `due` in the
  /// future waits there; finished ones are returned.
  [[nodiscard]] LaneRun settle(LaneRun run);

  /// When the earliest waiting retry is due.
  [[nodiscard]] std::optional<SteadyTime> next_due() const;
  /// Records that wait or are out.
  [[nodiscard]] std::size_t size() const { return m_size; }
  [[nodiscard]] std::size_t out() const { return m_out; }
  [[nodiscard]] std::size_t suspects() const { return m_suspects; }
  /// Bytes of their keys and values.
  [[nodiscard]] std::size_t bytes() const { return m_bytes; }

  /// Drops what waits of one partition (those that are out come back and are dropped by their epoch).
  void drop(const PartitionState* partition);
  /// Drops all that waits.
  void drop_waiting();

 private:
  struct Lane {
    std::deque<std::unique_ptr<Work>> waiting;
    bool out = false;
    bool queued = false;
    bool woken = false;  ///< its head was due, and counts against the burst until it is back
  };
  /// Lanes by what their first waiting record is ordered by. A lane that was dropped meanwhile leaves its
  /// entry.
  template <typename Order>
  using LaneQueue = std::priority_queue<std::pair<Order, std::uint64_t>,
                                        std::vector<std::pair<Order, std::uint64_t>>, std::greater<>>;

  void queue(std::uint64_t id, Lane& lane);
  void forget(const Work& work);
  void wake_due(SteadyTime now);
  void rest(Lane& lane);
  void put(std::unique_ptr<Work> work);
  [[nodiscard]] bool leaves(const Work& work) const;
  /// The lane of the earliest arrival that may be handled, no longer queued; nothing when there is none.
  Lane* next_ready();
  LaneRun take_run(Lane& lane, std::size_t most);
  [[nodiscard]] bool is_newest(const Lane& lane) const { return lane.waiting.back()->arrival == m_arrivals; }
  template <typename Predicate>
  void drop_if(Predicate predicate);

  RetryRelease m_release;
  std::unordered_map<std::uint64_t, Lane> m_lanes;
  LaneQueue<std::uint64_t> m_ready;  ///< by arrival
  LaneQueue<SteadyTime> m_waits;     ///< by when they are due
  std::uint64_t m_arrivals = 0;
  bool m_arriving = false;  ///< something came since runs were taken
  std::size_t m_woken = 0;  ///< lanes
  std::size_t m_size = 0;
  std::size_t m_out = 0;
  std::size_t m_suspects = 0;
  std::size_t m_bytes = 0;
};

}  // namespace kbeat::pipeline
