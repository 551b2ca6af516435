// Finds the place of a record to be sent: its topic, made on first use, and its partition.
#pragma once

#include <map>
#include <string>

#include "kbeat/transport/local/ledger.hpp"

namespace kbeat::transport::local {

/// A record ready to be stored: partition and timestamp are settled.
struct RoutedRecord {
  RecordView record;
  PartitionKey key{0};
};

/// Used by one thread; the ledger must outlive it.
class RecordRouter {
 public:
  explicit RecordRouter(Ledger& ledger) : m_ledger(ledger) {}

  /// Throws Error{too_large}, or Error{bad_input} for a partition that the topic does not have and for a
  /// record without key in a compacted topic, or Error{usage} for a name that no topic can have.
  [[nodiscard]] RoutedRecord route(const RecordView& record);

 private:
  struct Target {
    TopicState state;
    TopicRules rules;
  };

  [[nodiscard]] const Target& target(std::string_view topic);

  Ledger& m_ledger;
  std::map<std::string, Target, std::less<>> m_targets;
  const Target* m_last = nullptr;
  std::uint32_t m_seen = 0;
  std::uint64_t m_dice = 0;
};

}  // namespace kbeat::transport::local
