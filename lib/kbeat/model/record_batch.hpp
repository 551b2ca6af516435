// Records handed out together by a consumer, with the memory that they lie in.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat {

/// Move-only. The views are valid as long as the batch; `keep` owns what they point into
/// (messages of a client library, a row of the log …).
class RecordBatch {
 public:
  RecordBatch() = default;
  RecordBatch(std::vector<RecordView> records, std::shared_ptr<const void> keep)
      : m_records(std::move(records)), m_keep(std::move(keep)) {}
  RecordBatch(RecordBatch&&) = default;
  RecordBatch& operator=(RecordBatch&&) = default;
  RecordBatch(const RecordBatch&) = delete;
  RecordBatch& operator=(const RecordBatch&) = delete;

  [[nodiscard]] std::span<const RecordView> records() const { return m_records; }
  [[nodiscard]] bool empty() const { return m_records.empty(); }
  /// Shares ownership of the bytes, for records that outlive the batch object.
  [[nodiscard]] const std::shared_ptr<const void>& keep() const { return m_keep; }

 private:
  std::vector<RecordView> m_records;
  std::shared_ptr<const void> m_keep;
};

}  // namespace kbeat
