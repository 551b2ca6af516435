// What all ledgers of one memory transport share.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/local/sequence_set.hpp"

namespace kbeat::transport::memory {

struct StoredPartition {
  Offset start{0};
  Offset next{0};
  std::vector<local::StoredBatch> batches;
};

struct StoredGroup {
  local::GroupState state;
  std::map<TopicPartition, CommittedPosition> positions;
};

/// Everything but the counts is guarded by `mutex`.
struct MemoryState {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<std::uint32_t> any{0};
  std::atomic<std::uint32_t> control{0};

  std::string cluster;
  std::int64_t last_key = 0;  ///< of topics, partitions and producers
  std::map<TopicName, local::TopicState> topics;
  std::map<local::PartitionKey, StoredPartition> partitions;
  std::map<GroupId, StoredGroup> groups;
  std::map<std::int64_t, std::int64_t> producers;         ///< the last sequence of each
  std::map<std::string, std::int64_t> transactional_ids;  ///< to the producer that holds it
  std::map<std::string, local::SequenceSet> outbox;
  WallTime cleaned;

  enum class What { records, control };
  /// Call with the mutex held.
  void announce(What what);
};

}  // namespace kbeat::transport::memory
