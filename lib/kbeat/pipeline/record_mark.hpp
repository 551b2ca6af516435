// The fingerprint by which a record is known again.
#pragma once

#include "kbeat/base/hash.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::pipeline {

/// Offset, timestamp and SHA-256 over key and value (a null is told from an empty one).
[[nodiscard]] store::RecordMark mark_of(const RecordView& record);

/// SHA-256 of the value alone; a null value has the hash of nothing marked as such.
[[nodiscard]] Digest value_hash(const RecordView& record);

}  // namespace kbeat::pipeline
