// Rules of appending that every ledger follows.
#include "kbeat/transport/local/ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"

namespace kbeat::transport::local {

void check_holds(const ProducerStamp& producer, std::int64_t holder) {
  if (producer.id == holder) return;
  throw Error(ErrorCode::fenced,
              fmt::format("another producer took over the transactional id {}", producer.transactional_id));
}

StoredBatch place_batch(const NewBatch& batch, Offset base,
                        const std::function<SequenceSet&(const std::string&)>& known, Appended& answer) {
  answer.base = base;
  for (const auto& [index, place] : batch.outbox) {
    if (known(place.store).add(place.sequence) == SequenceSet::Added::was_there)
      answer.passed_over.push_back(index);
  }
  const std::int64_t last = base.get() + batch.records - 1;
  const StoredBatch stored{base, Offset{last}, batch.bytes};
  if (answer.passed_over.empty()) return stored;
  const auto is_new = [&](const RecordView& record) {
    const auto index = static_cast<std::uint32_t>(record.offset.get() - base.get());
    return !std::binary_search(answer.passed_over.begin(), answer.passed_over.end(), index);
  };
  return filtered(stored, is_new).value_or(stored);
}

void refuse_transaction() {
  throw Error(ErrorCode::not_found,
              "the transaction was not stored: one of its topics was deleted meanwhile");
}

}  // namespace kbeat::transport::local
