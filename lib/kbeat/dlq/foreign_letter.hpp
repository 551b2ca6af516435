// Dead letters of other programs, understood by the names of their headers.
#pragma once

#include <string_view>

#include "kbeat/dlq/seen_letter.hpp"

namespace kbeat::dlq {

/// Fills in what the headers of one of the families tell: Kafka Connect, Kafka Streams, share groups, Spring
/// Kafka (binary numbers), Spring Cloud Stream, SmallRye, Watermill. False when none of them knows the
/// record.
[[nodiscard]] bool understand_foreign(const RecordView& record, SeenLetter& letter);

/// True for a header that the family added to the original ones.
[[nodiscard]] bool is_added_by(LetterForm form, std::string_view header);

}  // namespace kbeat::dlq
