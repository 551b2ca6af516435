// Writing, checking and lending the records of a batch.
#include "kbeat/transport/local/batch_codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/byte_reader.hpp"
#include "kbeat/transport/local/checksum.hpp"

namespace kbeat::transport::local {
namespace {

constexpr std::string_view k_magic = "KBB1";
constexpr std::size_t k_checksum_at = 4;
constexpr std::size_t k_checked_from = 8;
constexpr std::size_t k_head_size = 32;
constexpr std::size_t k_least_record_size = 3;
constexpr std::size_t k_least_header_size = 2;

// The shape byte of a record.
constexpr unsigned k_has_key = 1;
constexpr unsigned k_has_value = 2;
constexpr unsigned k_has_headers = 4;
constexpr unsigned k_timestamp_shift = 3;
constexpr unsigned k_timestamp_mask = 3;

[[noreturn]] void damaged(std::string_view what) {
  throw Error(ErrorCode::database, fmt::format("a stored batch is damaged: {}", what));
}

// Timestamps may be any 64-bit number, so their distances may need 65 bits: they wrap, there and back.
std::int64_t wrapping_difference(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

std::int64_t wrapping_sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

void append_text(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out.append(text);
}

unsigned shape_of(const RecordView& record) {
  return (record.key ? k_has_key : 0u) | (record.value ? k_has_value : 0u) |
         (record.headers.empty() ? 0u : k_has_headers) |
         static_cast<unsigned>(record.timestamp_type) << k_timestamp_shift;
}

void append_headers(std::string& out, std::span<const HeaderView> headers) {
  append_varint(out, headers.size());
  for (const HeaderView& header : headers) {
    append_text(out, header.name);
    append_varint(out, header.value ? header.value->size() + 1 : 0);
    if (header.value) out.append(*header.value);
  }
}

TimestampType timestamp_type_of(unsigned shape) {
  const unsigned value = shape >> k_timestamp_shift & k_timestamp_mask;
  if (value > static_cast<unsigned>(TimestampType::log_append)) damaged("an unknown timestamp type");
  return static_cast<TimestampType>(value);
}

/// What the views of a decoded batch point into.
struct Loan {
  std::string topic;
  std::vector<std::shared_ptr<const std::string>> bytes;
  std::vector<HeaderView> headers;
};

/// Reads the records of one batch after another.
class Decoder {
 public:
  Decoder(ByteReader reader, const BatchSummary& summary, std::int64_t base)
      : m_reader(reader), m_summary(summary), m_base(base) {}

  /// `headers` has room for all of the batch's, so that its views stay where they are.
  RecordView next(std::vector<HeaderView>& headers) {
    m_place += 1 + static_cast<std::int64_t>(m_reader.varint());
    RecordView record;
    record.offset = Offset{m_base + m_place};
    record.timestamp =
        WallTime{Milliseconds{wrapping_sum(m_summary.base_timestamp, m_reader.signed_varint())}};
    const unsigned shape = m_reader.byte();
    record.timestamp_type = timestamp_type_of(shape);
    if ((shape & k_has_key) != 0) record.key = m_reader.text(m_reader.varint());
    if ((shape & k_has_value) != 0) record.value = m_reader.text(m_reader.varint());
    if ((shape & k_has_headers) != 0) record.headers = read_headers(headers);
    return record;
  }

 private:
  std::span<const HeaderView> read_headers(std::vector<HeaderView>& headers) {
    const std::size_t first = headers.size();
    const std::uint64_t count = m_reader.varint();
    if (count > headers.capacity() - first) damaged("more headers than announced");
    for (std::uint64_t i = 0; i < count; ++i) {
      HeaderView header{m_reader.text(m_reader.varint()), std::nullopt};
      if (const std::uint64_t size = m_reader.varint(); size > 0) header.value = m_reader.text(size - 1);
      headers.push_back(header);
    }
    return {headers.data() + first, headers.size() - first};
  }

  ByteReader m_reader;
  const BatchSummary& m_summary;
  std::int64_t m_base;
  std::int64_t m_place = -1;
};

ByteReader body_of(std::string_view bytes) {
  return ByteReader(bytes.substr(k_head_size));
}

}  // namespace

void BatchWriter::add(const RecordView& record, std::int64_t place) {
  const std::int64_t timestamp = record.timestamp.time_since_epoch().count();
  if (m_summary.records == 0) {
    m_bytes.assign(k_head_size, '\0');
    m_summary.base_timestamp = timestamp;
    m_summary.max_timestamp = timestamp;
  }
  append_varint(m_bytes, static_cast<std::uint64_t>(place - m_last_place - 1));
  append_signed_varint(m_bytes, wrapping_difference(timestamp, m_summary.base_timestamp));
  m_bytes.push_back(static_cast<char>(shape_of(record)));
  if (record.key) append_text(m_bytes, *record.key);
  if (record.value) append_text(m_bytes, *record.value);
  if (!record.headers.empty()) append_headers(m_bytes, record.headers);
  m_last_place = place;
  m_summary.max_timestamp = std::max(m_summary.max_timestamp, timestamp);
  m_summary.headers += static_cast<std::uint32_t>(record.headers.size());
  ++m_summary.records;
}

std::string BatchWriter::finish() {
  std::string head(k_magic);
  append_fixed(head, 0, 4);
  append_fixed(head, m_summary.records, 4);
  append_fixed(head, m_summary.headers, 4);
  append_fixed(head, static_cast<std::uint64_t>(m_summary.base_timestamp), 8);
  append_fixed(head, static_cast<std::uint64_t>(m_summary.max_timestamp), 8);
  m_bytes.replace(0, k_head_size, head);
  std::string checksum;
  append_fixed(checksum, crc32c(std::string_view(m_bytes).substr(k_checked_from)), 4);
  m_bytes.replace(k_checksum_at, checksum.size(), checksum);
  m_summary = {};
  m_last_place = -1;
  return std::exchange(m_bytes, {});
}

BatchSummary check_batch(std::string_view bytes) {
  if (bytes.size() < k_head_size || !bytes.starts_with(k_magic)) damaged("it does not begin as a batch does");
  ByteReader head(bytes.substr(k_checksum_at));
  if (head.fixed(4) != crc32c(bytes.substr(k_checked_from))) damaged("its checksum differs");
  BatchSummary summary;
  summary.records = static_cast<std::uint32_t>(head.fixed(4));
  summary.headers = static_cast<std::uint32_t>(head.fixed(4));
  summary.base_timestamp = static_cast<std::int64_t>(head.fixed(8));
  summary.max_timestamp = static_cast<std::int64_t>(head.fixed(8));
  const std::size_t body = bytes.size() - k_head_size;
  if (summary.records > body / k_least_record_size || summary.headers > body / k_least_header_size) {
    damaged("it announces more than it can hold");
  }
  return summary;
}

RecordBatch decode(std::span<const StoredBatch> batches, const TopicPartition& partition, Offset from) {
  auto loan = std::make_shared<Loan>();
  loan->topic = partition.topic.get();
  std::vector<BatchSummary> summaries;
  std::size_t records = 0;
  std::size_t headers = 0;
  try {
    for (const StoredBatch& batch : batches) {
      const BatchSummary& summary = summaries.emplace_back(check_batch(*batch.bytes));
      records += summary.records;
      headers += summary.headers;
      loan->bytes.push_back(batch.bytes);
    }
    loan->headers.reserve(headers);
    std::vector<RecordView> views;
    views.reserve(records);
    for (std::size_t i = 0; i < batches.size(); ++i) {
      Decoder decoder(body_of(*batches[i].bytes), summaries[i], batches[i].base.get());
      for (std::uint32_t n = 0; n < summaries[i].records; ++n) {
        RecordView record = decoder.next(loan->headers);
        if (record.offset < from) continue;
        record.topic = loan->topic;
        record.partition = partition.partition;
        views.push_back(record);
      }
    }
    return RecordBatch(std::move(views), std::move(loan));
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{} near offset {}: {}; restore a backup, or go on behind it",
                                          to_string(partition), from.get(), error.what()));
  }
}

std::optional<StoredBatch> filtered(const StoredBatch& batch,
                                    const std::function<bool(const RecordView&)>& keep) {
  const BatchSummary summary = check_batch(*batch.bytes);
  std::vector<HeaderView> headers;
  headers.reserve(summary.headers);
  Decoder decoder(body_of(*batch.bytes), summary, batch.base.get());
  BatchWriter kept;
  StoredBatch left{batch.base, batch.base, nullptr};
  for (std::uint32_t n = 0; n < summary.records; ++n) {
    const RecordView record = decoder.next(headers);
    if (!keep(record)) continue;
    kept.add(record, record.offset.get() - batch.base.get());
    left.last = record.offset;
  }
  if (kept.count() == summary.records) return std::nullopt;
  if (kept.count() > 0) left.bytes = std::make_shared<const std::string>(kept.finish());
  return left;
}

}  // namespace kbeat::transport::local
