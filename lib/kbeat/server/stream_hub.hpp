// Hands what the feed reads to the fan-outs of all loops, and knows all clients.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "kbeat/server/fan_out.hpp"

namespace kbeat::server {

struct HubCounts {
  FanOutCounts fan_out;
  std::uint64_t malformed = 0;
};

/// A loop's fan-out with its inbox. The inbox is bounded: the feed waits while a loop is behind, so that
/// memory does not grow. A client that reads but has a full queue is waited for, in turns of the loop, so
/// that a burst reaches all who read; one that is slow is not (LiveClient::is_worth_waiting_for).
class LoopFanOut : public std::enable_shared_from_this<LoopFanOut> {
 public:
  explicit LoopFanOut(Loop& loop) : m_loop(loop) {}

  /// From the feed's thread. Waits for room.
  void put(const std::vector<std::shared_ptr<const LiveRecord>>& records, std::stop_token stop);
  [[nodiscard]] Loop& loop() { return m_loop; }
  /// On the loop only.
  [[nodiscard]] FanOut& fan_out() { return m_fan_out; }
  /// The loop has ended: nothing is taken any more.
  void end();
  [[nodiscard]] FanOutCounts counts() const { return m_fan_out.counts(); }

 private:
  void take();
  void refill();
  void flush_soon();

  Loop& m_loop;
  FanOut m_fan_out;
  std::vector<std::shared_ptr<const LiveRecord>> m_in_hand;  ///< from the inbox
  std::size_t m_done = 0;                                    ///< of those in hand
  bool m_flush_planned = false;
  SteadyTime m_flushed;

  std::mutex m_mutex;  ///< of what follows
  std::condition_variable_any m_room;
  std::vector<std::shared_ptr<const LiveRecord>> m_inbox;
  bool m_taking = false;  ///< the loop is at it, or will be
  bool m_ended = false;
};

/// Any thread but where it says otherwise.
class StreamHub {
 public:
  StreamHub() = default;
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  /// On the client's loop.
  std::shared_ptr<Subscriber> join(const std::shared_ptr<LiveClient>& client, Subscription wanted);
  [[nodiscard]] LoopFanOut& at(Loop& loop);

  // From the feed's thread.
  void publish(const std::vector<std::shared_ptr<const LiveRecord>>& records, std::stop_token stop);
  /// A partition's reading begins, or begins anew, at `next`. Slots count up from 0.
  void begin(std::size_t slot, const TopicPartition& partition, Offset next);

  /// Forms that some client wants.
  [[nodiscard]] WantedForms wanted() const;
  /// The feed's partitions, by slot.
  [[nodiscard]] std::vector<TopicPartition> partitions() const;
  [[nodiscard]] std::size_t clients() const { return m_clients.load(); }
  [[nodiscard]] HubCounts counts() const;

 private:
  mutable std::mutex m_mutex;  ///< of the loops, positions and counts
  std::vector<std::shared_ptr<LoopFanOut>> m_loops;
  std::vector<TopicPartition> m_partitions;
  std::vector<std::int64_t> m_next;
  std::uint64_t m_malformed = 0;
  std::atomic<std::size_t> m_clients{0};
  std::array<std::atomic<int>, k_live_forms> m_forms{};
};

}  // namespace kbeat::server
