// Brings records to the clients of one loop, at the cost of those who get them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "kbeat/filter/filter.hpp"
#include "kbeat/server/live_record.hpp"
#include "kbeat/server/patience.hpp"
#include "kbeat/server/subscription.hpp"

namespace kbeat::server {

/// A tally at one moment, read by metrics.
struct FanOutCounts {
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  std::uint64_t closed_slow = 0;
};

/// One client with what it wants. While it catches up with the past it is not yet given what comes.
struct Subscriber {
  std::shared_ptr<LiveClient> client;
  Subscription wanted;
  LiveForm form = LiveForm::raw_message;
  struct SharedFilter* filter = nullptr;
  std::size_t number = 0;  ///< of its joining, so that it is found again
  bool catching_up = false;
  bool holding = false;  ///< catching up, with so little left that what comes is kept in `held`
  bool dirty = false;
  std::vector<Frame> held{};
  std::vector<std::int64_t> starts{};  ///< by slot: below it the client has everything already
  /// By slot, while it catches up: what it was given goes up to here.
  std::vector<std::int64_t> reached{};
};

/// Clients with the same conditions share one filter, which is asked once a record.
struct SharedFilter {
  filter::Filter filter;
  std::size_t users = 0;
  const LiveRecord* asked = nullptr;
  bool answer = false;
};

/// Frames records again that were framed before anybody wanted a form of them: the last one in all its forms.
struct LateFramer {
  RecordFramer framer;
  const LiveRecord* asked = nullptr;
  std::shared_ptr<const LiveRecord> answer;
};

/// Of a subscription's `where`.
[[nodiscard]] filter::Filter filter_of(const Subscription& wanted);

/// Used on its loop only. Clients that name devices are found by the record's device; the others are asked
/// one after the other.
class FanOut {
 public:
  std::shared_ptr<Subscriber> add(std::shared_ptr<LiveClient> client, Subscription wanted);
  /// Not from within `deliver`: a client that ends there is removed by a later turn of the loop.
  void remove(const Subscriber& subscriber);

  /// Up to the record that fills the queue of a client which reads: the rest may come when nobody is waited
  /// for any more, which is soon. Returns how many it took.
  [[nodiscard]] std::size_t deliver(std::span<const std::shared_ptr<const LiveRecord>> records);
  /// A client that reads has no room now.
  [[nodiscard]] bool waits_for_room();
  /// Writes what was queued since the last flush.
  void flush();

  /// By slot: the offset of the next record that will be delivered here.
  [[nodiscard]] const std::vector<std::int64_t>& next() const { return m_next; }
  /// A partition's reading begins, or begins anew, at `next`.
  void begin(std::size_t slot, const TopicPartition& partition, Offset next);

  /// Any thread.
  [[nodiscard]] FanOutCounts counts() const;
  [[nodiscard]] std::size_t clients() const { return m_all.size(); }

 private:
  using Listing = std::vector<Subscriber*>;

  void set_next(std::size_t slot, std::int64_t next);
  void deliver(const LiveRecord& record);
  [[nodiscard]] std::string where_to_go_on(const Subscriber& subscriber, std::span<const Frame> unsent) const;
  void offer(Subscriber& subscriber, const LiveRecord& record);
  [[nodiscard]] Frame framed_late(const LiveRecord& record, LiveForm form);
  void hold(Subscriber& subscriber, const Frame& frame);
  [[nodiscard]] bool passes(Subscriber& subscriber, const LiveRecord& record) const;
  static void unlist(Listing& listing, const Subscriber& subscriber);

  std::unordered_map<std::size_t, std::shared_ptr<Subscriber>> m_all;
  std::unordered_map<std::string, Listing> m_by_device;
  Listing m_of_all_devices;
  std::map<std::vector<std::string>, std::unique_ptr<SharedFilter>> m_filters;
  std::vector<std::shared_ptr<Subscriber>> m_dirty;
  std::vector<std::shared_ptr<LiveClient>> m_full;  ///< there was no room for more, and it was worth waiting
  Patience m_patience{steady_now()};                ///< of all others with these
  std::vector<std::int64_t> m_next;
  std::vector<TopicPartition> m_partitions;  ///< by slot
  std::unique_ptr<LateFramer> m_late;
  std::size_t m_joined = 0;
  std::shared_ptr<LiveTally> m_tally = std::make_shared<LiveTally>();
};

}  // namespace kbeat::server
