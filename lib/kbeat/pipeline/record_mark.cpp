// Fingerprints of records.
#include "kbeat/pipeline/record_mark.hpp"

#include "kbeat/base/hash.hpp"

namespace kbeat::pipeline {
namespace {

void append_part(std::string& bytes, const std::optional<std::string_view>& part) {
  bytes += part ? '\1' : '\0';
  if (!part) return;
  const auto length = static_cast<std::uint64_t>(part->size());
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += *part;
}

}  // namespace

store::RecordMark mark_of(const RecordView& record) {
  thread_local std::string bytes;
  bytes.clear();
  append_part(bytes, record.key);
  append_part(bytes, record.value);
  return {.offset = record.offset, .timestamp = record.timestamp, .hash = sha256(bytes)};
}

Digest value_hash(const RecordView& record) {
  return sha256_digest(record.value ? *record.value : std::string_view("\0null", 5));
}

}  // namespace kbeat::pipeline
