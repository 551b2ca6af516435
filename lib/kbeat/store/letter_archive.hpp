// What the store keeps of dead letters once they are decided: the bodies of archived ones, the fate of its
// own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/model/dead_letter.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat::store {

/// A dead letter's record as it lay in its DLQ, kept for good.
struct ArchivedLetter {
  std::int64_t number = 0;  ///< of the row, rising
  std::string identity;
  std::string reason;
  WallTime archived_at;
  Record record;
};

/// One of the store's own letters, by the record that failed, and the state that closes it: retried, archived
/// or discarded.
struct ClosedLetter {
  std::string cluster;
  std::string group;
  TopicPartition partition;
  Offset offset;
  std::string state;
};

/// One of the store's own letters that has reached its topic and is not closed.
struct PublishedLetter {
  std::int64_t number = 0;  ///< of the row, rising
  DeadLetter letter;
};

class LetterArchive {
 public:
  LetterArchive() = default;
  LetterArchive(const LetterArchive&) = delete;
  LetterArchive& operator=(const LetterArchive&) = delete;
  virtual ~LetterArchive() = default;

  /// Durable when it returns; a letter of an identity that is there already is replaced.
  virtual void keep(std::span<const ArchivedLetter> letters) = 0;
  /// In the order of their numbers, those above `after`, at most `limit`.
  [[nodiscard]] virtual std::vector<ArchivedLetter> read(std::int64_t after, std::size_t limit) = 0;
  /// Letters that the store does not know are passed over.
  virtual void close(std::span<const ClosedLetter> letters) = 0;
  /// The store's own letter of a record that failed, whatever became of it; the newest, where the topic was
  /// made anew. Nothing when it has none.
  [[nodiscard]] virtual std::optional<DeadLetter> find(const std::string& cluster, const std::string& group,
                                                       const TopicPartition& partition, Offset offset) = 0;
  /// In the order of their numbers, those above `after`, at most `limit`.
  [[nodiscard]] virtual std::vector<PublishedLetter> published(std::int64_t after, std::size_t limit) = 0;
};

}  // namespace kbeat::store
