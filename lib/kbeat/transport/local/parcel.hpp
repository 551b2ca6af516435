// Records that are stored together: batches in the making, and what is owed for each record.
#pragma once

#include <unordered_map>
#include <vector>

#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/local/record_router.hpp"
#include "kbeat/transport/producer.hpp"

namespace kbeat::transport::local {

class Parcel {
 public:
  void add(const RoutedRecord& routed, std::uint64_t tag, Sends sends);

  [[nodiscard]] bool empty() const { return m_records == 0; }
  [[nodiscard]] std::size_t records() const { return m_records; }
  [[nodiscard]] std::size_t bytes() const { return m_bytes; }

  /// The finished batches; nothing can be added any more.
  [[nodiscard]] std::span<const NewBatch> batches();
  /// One report a record that has none yet, by the answers to `batches`.
  void report(std::span<const Appended> answers, std::vector<Delivery>& reports) const;
  /// One report a record that has none yet, with the error.
  void report_failure(const Error& error, std::vector<Delivery>& reports) const;
  /// One report a record that has none yet, offset -1: they wait for their transaction's commit.
  void report_waiting(std::vector<Delivery>& reports);

 private:
  struct Draft {
    Partition partition;
    PartitionKey key{0};
    BatchWriter writer;
    std::vector<std::uint64_t> tags;
    std::vector<std::pair<std::uint32_t, OutboxPlace>> outbox;
    std::size_t told = 0;  ///< tags reported as waiting
  };

  [[nodiscard]] Draft& draft_for(const RoutedRecord& routed);

  std::vector<Draft> m_drafts;
  std::unordered_map<PartitionKey, std::size_t> m_open;  ///< the draft that a partition's records go to
  std::vector<NewBatch> m_batches;
  std::size_t m_records = 0;
  std::size_t m_bytes = 0;
};

}  // namespace kbeat::transport::local
