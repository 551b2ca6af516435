// Records as the bytes of a stored batch (docs/formats/embedded-log.md), and back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/record_batch.hpp"

namespace kbeat::transport::local {

/// A batch as it lies in a partition. The bytes do not know their offsets, so that they can be made
/// before the offsets are given.
struct StoredBatch {
  Offset base;  ///< of the first record when it was written
  Offset last;  ///< of the last record that is left
  std::shared_ptr<const std::string> bytes;
};

/// What the first bytes of a batch say about it.
struct BatchSummary {
  std::uint32_t records = 0;
  std::uint32_t headers = 0;
  std::int64_t base_timestamp = 0;  ///< milliseconds since 1970
  std::int64_t max_timestamp = 0;
};

/// Collects records of one partition in the order of their offsets.
class BatchWriter {
 public:
  /// `place` is the distance to the batch's base offset; places rise.
  void add(const RecordView& record, std::int64_t place);
  [[nodiscard]] std::uint32_t count() const { return m_summary.records; }
  [[nodiscard]] std::size_t size() const { return m_bytes.size(); }
  [[nodiscard]] WallTime max_timestamp() const { return WallTime{Milliseconds{m_summary.max_timestamp}}; }
  /// The finished bytes; the writer is empty again.
  [[nodiscard]] std::string finish();

 private:
  std::string m_bytes;
  BatchSummary m_summary;
  std::int64_t m_last_place = -1;
};

/// Checks form and checksum. Throws Error{database} when the bytes are not what was written.
[[nodiscard]] BatchSummary check_batch(std::string_view bytes);

/// The records at or above `from`, without copies of keys, values and headers. `batches` belong to one
/// partition in order. Throws Error{database} for a damaged batch, naming the partition.
[[nodiscard]] RecordBatch decode(std::span<const StoredBatch> batches, const TopicPartition& partition,
                                 Offset from);

/// The batch without the records that `keep` refuses, their offsets unchanged, with no bytes when none is
/// left; nothing when it keeps them all.
[[nodiscard]] std::optional<StoredBatch> filtered(const StoredBatch& batch,
                                                  const std::function<bool(const RecordView&)>& keep);

}  // namespace kbeat::transport::local
