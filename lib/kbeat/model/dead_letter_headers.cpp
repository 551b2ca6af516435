// Headers of dead letters: kbeat's own, Kafka Connect's and Spring Kafka's.
#include "kbeat/model/dead_letter_headers.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat {
namespace {

constexpr std::size_t k_longest_error = 1024;

template <typename Integer>
Bytes big_endian(Integer number) {
  Bytes bytes;
  for (int shift = static_cast<int>(sizeof number) * 8 - 8; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(number) >> shift & 0xFF);
  }
  return bytes;
}

std::string digits(std::int64_t number) {
  return std::to_string(number);
}

}  // namespace

std::string letter_error_text(const DeadLetter& letter) {
  return clean_utf8(letter.error, k_longest_error);
}

void append_letter_headers(std::vector<Header>& headers, const DeadLetter& letter,
                           std::string_view encoding) {
  const auto add = [&](std::string_view name, Bytes value) {
    headers.push_back({fmt::format("{}{}", names::k_dlq_prefix, name), std::move(value)});
  };
  const Record& original = letter.original;
  add("topic", original.topic.get());
  add("partition", digits(original.partition.get()));
  add("offset", digits(original.offset.get()));
  add("timestamp", digits(original.timestamp.time_since_epoch().count()));
  add("cluster", letter.cluster);
  add("group", letter.group.get());
  add("handler", letter.handler);
  add("category", Bytes(to_string(letter.category)));
  add("error", letter_error_text(letter));
  add("attempts", digits(letter.attempts));
  add("replays", digits(letter.replays));
  add("first-failed-at", to_rfc3339(letter.first_failed_at));
  add("failed-at", to_rfc3339(letter.failed_at));
  add("encoding", Bytes(encoding));
  add("length", digits(static_cast<std::int64_t>(original.value.value_or("").size())));
  add("sha256", to_hex(sha256(original.value.value_or(""))));
  add("event-id", letter.event_id);
  add("root", letter.root.empty() ? letter_identity(letter) : letter.root);
}

void append_connect_headers(std::vector<Header>& headers, const DeadLetter& letter) {
  const auto add = [&](std::string_view name, Bytes value) {
    headers.push_back({fmt::format("__connect.errors.{}", name), std::move(value)});
  };
  add("topic", letter.original.topic.get());
  add("partition", digits(letter.original.partition.get()));
  add("offset", digits(letter.original.offset.get()));
  add("connector.name", letter.group.get());
  add("task.id", "0");
  add("stage", letter.category == FailureCategory::deserialization ? "VALUE_CONVERTER" : "TASK_PUT");
  add("class.name", letter.handler);
  add("exception.class.name", fmt::format("kbeat.{}", to_string(letter.category)));
  add("exception.message", letter_error_text(letter));
  add("exception.stacktrace", letter_error_text(letter));
}

void append_spring_headers(std::vector<Header>& headers, const DeadLetter& letter) {
  const auto add = [&](std::string_view name, Bytes value) {
    headers.push_back({fmt::format("kafka_dlt-{}", name), std::move(value)});
  };
  const bool appended = letter.original.timestamp_type == TimestampType::log_append;
  add("original-topic", letter.original.topic.get());
  add("original-partition", big_endian(letter.original.partition.get()));
  add("original-offset", big_endian(letter.original.offset.get()));
  add("original-timestamp", big_endian(letter.original.timestamp.time_since_epoch().count()));
  add("original-timestamp-type", appended ? "LogAppendTime" : "CreateTime");
  add("original-consumer-group", letter.group.get());
  add("exception-fqcn", fmt::format("kbeat.{}", to_string(letter.category)));
  add("exception-message", letter_error_text(letter));
}

}  // namespace kbeat
