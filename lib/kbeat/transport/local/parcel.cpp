// Collecting records into batches and reporting their fate.
#include "kbeat/transport/local/parcel.hpp"

#include <charconv>

#include "kbeat/model/names.hpp"

namespace kbeat::transport::local {
namespace {

// A batch is read whole, so it stays within what a reader takes at a time.
constexpr std::size_t k_full_batch = 1u << 20;
constexpr std::size_t k_record_overhead = 16;

std::optional<OutboxPlace> outbox_place(const RecordView& record) {
  const HeaderView* header = find_header(record.headers, names::k_outbox);
  if (header == nullptr || !header->value) return std::nullopt;
  const std::string_view text = *header->value;
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  OutboxPlace place{std::string(text.substr(0, slash)), 0};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, place.sequence);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return place;
}

/// Whether trying again later, with nothing changed, cannot store a record twice.
bool is_surely_not_stored(const Error& error) {
  return error.code() != ErrorCode::io && error.code() != ErrorCode::database;
}

}  // namespace

Parcel::Draft& Parcel::draft_for(const RoutedRecord& routed) {
  const auto [open, is_new] = m_open.try_emplace(routed.key, m_drafts.size());
  if (!is_new && m_drafts[open->second].writer.size() < k_full_batch) return m_drafts[open->second];
  open->second = m_drafts.size();
  Draft& draft = m_drafts.emplace_back();
  draft.partition = routed.record.partition;
  draft.key = routed.key;
  return draft;
}

void Parcel::add(const RoutedRecord& routed, std::uint64_t tag, Sends sends) {
  Draft& draft = draft_for(routed);
  const std::uint32_t index = draft.writer.count();
  const std::size_t before = draft.writer.size();
  draft.writer.add(routed.record, index);
  draft.tags.push_back(tag);
  if (sends == Sends::outbox_rows) {
    if (auto place = outbox_place(routed.record)) draft.outbox.emplace_back(index, std::move(*place));
  }
  ++m_records;
  m_bytes += draft.writer.size() - before + k_record_overhead;
}

std::span<const NewBatch> Parcel::batches() {
  if (!m_batches.empty()) return m_batches;
  for (Draft& draft : m_drafts) {
    NewBatch batch{.partition = draft.key,
                   .bytes = {},
                   .records = draft.writer.count(),
                   .max_timestamp = draft.writer.max_timestamp(),
                   .outbox = std::move(draft.outbox)};
    batch.bytes = std::make_shared<const std::string>(draft.writer.finish());
    m_batches.push_back(std::move(batch));
  }
  return m_batches;
}

void Parcel::report(std::span<const Appended> answers, std::vector<Delivery>& reports) const {
  for (std::size_t i = 0; i < m_drafts.size(); ++i) {
    const Draft& draft = m_drafts[i];
    const Appended& answer = answers[i];
    auto passed = answer.passed_over.begin();
    for (std::size_t n = 0; n < draft.tags.size(); ++n) {
      Delivery delivery;
      delivery.tag = draft.tags[n];
      delivery.partition = draft.partition;
      delivery.offset = Offset{-1};
      if (answer.fate == Appended::Fate::topic_gone) {
        delivery.error = Error(ErrorCode::not_found, "the topic was deleted before the record was stored");
      } else if (passed != answer.passed_over.end() && *passed == n) {
        ++passed;
      } else if (answer.fate == Appended::Fate::stored) {
        delivery.offset = Offset{answer.base.get() + static_cast<std::int64_t>(n)};
      }
      if (n >= draft.told) reports.push_back(std::move(delivery));
    }
  }
}

void Parcel::report_failure(const Error& error, std::vector<Delivery>& reports) const {
  for (const Draft& draft : m_drafts) {
    for (std::size_t n = draft.told; n < draft.tags.size(); ++n) {
      reports.push_back({.tag = draft.tags[n],
                         .partition = draft.partition,
                         .offset = Offset{-1},
                         .error = error,
                         .possibly_stored = !is_surely_not_stored(error)});
    }
  }
}

void Parcel::report_waiting(std::vector<Delivery>& reports) {
  for (Draft& draft : m_drafts) {
    for (; draft.told < draft.tags.size(); ++draft.told) {
      reports.push_back({.tag = draft.tags[draft.told],
                         .partition = draft.partition,
                         .offset = Offset{-1},
                         .error = {},
                         .possibly_stored = false});
    }
  }
}

}  // namespace kbeat::transport::local
