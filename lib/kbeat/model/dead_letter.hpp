// A record that failed for good, with all that is needed to understand it and to give it back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/outcome.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat {

/// The body and headers of a dead letter: kbeat's own, or the original value with the rest in headers of
/// kbeat's, Kafka Connect's or Spring Kafka's names.
enum class LetterFormat { kbeat, raw, connect, spring };

/// Throws Error{usage} naming the four.
[[nodiscard]] LetterFormat parse_letter_format(std::string_view text);

/// The identity is (cluster, group, topic, partition, offset) of the record that failed this time.
struct DeadLetter {
  std::string cluster;
  GroupId group;
  Record original;
  std::string handler;
  FailureCategory category = FailureCategory::processing;
  std::string error;
  int attempts = 1;
  int replays = 0;
  WallTime first_failed_at;
  WallTime failed_at;
  std::string event_id;
  std::string root;  ///< identity of the first origin, `cluster/group/topic/partition/offset`
  TopicName dlq_topic;
  LetterFormat format = LetterFormat::kbeat;
};

/// `cluster/group/topic/partition/offset`.
[[nodiscard]] std::string letter_identity(const DeadLetter& letter);

/// The record for the DLQ topic: body, key, original headers byte for byte and kbeat.dlq.* after them
/// (former ones replaced).
[[nodiscard]] Record to_dlq_record(const DeadLetter& letter);

/// The letter without the original value, which stays in the store of `host`: for a topic that does not take
/// it whole. Nothing for a record that is no letter of kbeat's or is without its value already.
[[nodiscard]] std::optional<Record> spilled_letter(const Record& letter, std::string_view host);

/// Reads a letter of kbeat's own back, checking length and hash. Throws Error{bad_input} when damaged and
/// Error{not_found} when the record was not written by kbeat.
[[nodiscard]] DeadLetter read_dlq_record(const RecordView& record);

}  // namespace kbeat
