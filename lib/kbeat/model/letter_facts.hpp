// What the headers of a dead letter say of it, read in one pass and without a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "kbeat/model/outcome.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat {

/// Views into the record's headers: valid as long as they are. Moments are RFC 3339, as they were written.
struct LetterFacts {
  std::string_view cluster;
  std::string_view group;
  std::string_view topic;
  Partition partition;
  Offset offset;
  WallTime timestamp;
  std::string_view handler;
  FailureCategory category = FailureCategory::processing;
  std::string_view error;
  int attempts = 1;
  int replays = 0;
  std::string_view first_failed_at;
  std::string_view failed_at;
  std::string_view encoding;  ///< json, text, base64 or null
  std::size_t length = 0;     ///< of the original value
  std::string_view sha256;    ///< of the original value, hexadecimal
  std::string_view event_id;
  std::string_view root;
  bool spilled = false;  ///< the original value is not in the record but in the store of `host`
  std::string_view host;
};

/// `cluster/group/topic/partition/offset` of the failure.
[[nodiscard]] std::string letter_identity(const LetterFacts& facts);

/// The facts of a letter of kbeat's own; nothing for any other record. Throws Error{bad_input} when one of
/// them is no number or no name.
[[nodiscard]] std::optional<LetterFacts> find_letter_facts(std::span<const HeaderView> headers);

/// The original value of the letter in `record`, checked by length and hash; nothing for a tombstone and for
/// a value that was spilled. It lies
/// in the record itself or, where it had to be decoded, in `decoded`. Throws Error{bad_input} when damaged.
[[nodiscard]] std::optional<std::string_view> original_value(const RecordView& record,
                                                             const LetterFacts& facts, std::string& decoded);

/// What a body of the house's form (`{"originalEvent":…,"error":"…","timestamp":"…"}`) says without any
/// headers: `event` are the bytes of originalEvent as they stand there, `text` what they mean when they are a
/// string: the house writes one for a value that is not JSON.
struct LetterBody {
  std::string_view event;
  std::optional<std::string> text;
  std::string error;
  std::string timestamp;
};

/// Nothing when `value` is no such body.
[[nodiscard]] std::optional<LetterBody> find_letter_body(std::string_view value);

}  // namespace kbeat
