// Writes and reads dead letters: the original value spliced byte for byte, its fate in headers.
#include "kbeat/model/dead_letter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/dead_letter_headers.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/model/letter_facts.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat {
namespace {

std::string_view encoding_of(const std::optional<Bytes>& value) {
  if (!value) return "null";
  if (is_json(*value)) return "json";
  return is_utf8(*value) ? "text" : "base64";
}

void append_closing(Bytes& body, std::string_view error, std::string_view failed_at) {
  body += ",\"error\":";
  append_json_string(body, error);
  body += ",\"timestamp\":\"";
  body += failed_at;
  body += "\"}";
}

Bytes body_of(const DeadLetter& letter, std::string_view encoding) {
  Bytes body(k_letter_opening);
  if (encoding == "null") {
    body += "null";
  } else if (encoding == "json") {
    body += *letter.original.value;
  } else if (encoding == "text") {
    append_json_string(body, *letter.original.value);
  } else {
    body += '"';
    append_base64(body, *letter.original.value);
    body += '"';
  }
  append_closing(body, letter_error_text(letter), to_rfc3339(letter.failed_at));
  return body;
}

WallTime time_or_none(std::string_view text) {
  return text.empty() ? WallTime{} : parse_rfc3339(text);
}

/// What stands from the first kbeat.dlq header on was added when the letter was written and relayed.
std::vector<Header> original_headers(const RecordView& record) {
  std::vector<Header> headers;
  for (const HeaderView& header : record.headers) {
    if (header.name.starts_with(names::k_dlq_prefix)) break;
    headers.push_back(
        {std::string(header.name), header.value ? std::optional<Bytes>(*header.value) : std::nullopt});
  }
  return headers;
}

}  // namespace

LetterFormat parse_letter_format(std::string_view text) {
  if (text == "kbeat") return LetterFormat::kbeat;
  if (text == "raw") return LetterFormat::raw;
  if (text == "connect") return LetterFormat::connect;
  if (text == "spring") return LetterFormat::spring;
  throw Error(ErrorCode::usage,
              fmt::format("\"{}\" is not a form of dead letters: use kbeat, raw, connect or spring", text));
}

std::string letter_identity(const DeadLetter& letter) {
  return fmt::format("{}/{}/{}/{}/{}", letter.cluster, letter.group.get(), letter.original.topic.get(),
                     letter.original.partition.get(), letter.original.offset.get());
}

Record to_dlq_record(const DeadLetter& letter) {
  Record record{.topic = letter.dlq_topic,
                .timestamp = letter.failed_at,
                .timestamp_type = TimestampType::create,
                .key = letter.original.key};
  const std::string_view encoding = encoding_of(letter.original.value);
  record.value = letter.format == LetterFormat::kbeat ? body_of(letter, encoding) : letter.original.value;
  for (const Header& header : letter.original.headers) {
    if (!header.name.starts_with(names::k_dlq_prefix)) record.headers.push_back(header);
  }
  append_letter_headers(record.headers, letter, encoding);
  if (letter.format == LetterFormat::connect) append_connect_headers(record.headers, letter);
  if (letter.format == LetterFormat::spring) append_spring_headers(record.headers, letter);
  return record;
}

std::optional<Record> spilled_letter(const Record& letter, std::string_view host) {
  const RecordLoan loan(letter);
  const std::optional<LetterFacts> facts = find_letter_facts(loan.view().headers);
  if (!facts || facts->spilled) return std::nullopt;
  Record small{.topic = letter.topic,
               .partition = letter.partition,
               .timestamp = letter.timestamp,
               .timestamp_type = letter.timestamp_type,
               .key = letter.key};
  small.value = Bytes(k_letter_opening) + "null";
  append_closing(*small.value, facts->error, facts->failed_at);
  for (const Header& header : letter.headers) {
    if (header.name != names::k_outbox) small.headers.push_back(header);
  }
  small.headers.push_back({fmt::format("{}spilled", names::k_dlq_prefix), "1"});
  small.headers.push_back({fmt::format("{}host", names::k_dlq_prefix), Bytes(host)});
  return small;
}

DeadLetter read_dlq_record(const RecordView& record) {
  const std::optional<LetterFacts> facts = find_letter_facts(record.headers);
  if (!facts) {
    throw Error(ErrorCode::not_found, "the record has no kbeat.dlq headers: it is no dead letter of kbeat's");
  }
  DeadLetter letter;
  letter.cluster = facts->cluster;
  letter.group = GroupId{std::string(facts->group)};
  letter.handler = facts->handler;
  letter.category = facts->category;
  letter.error = facts->error;
  letter.attempts = facts->attempts;
  letter.replays = facts->replays;
  letter.first_failed_at = time_or_none(facts->first_failed_at);
  letter.failed_at = time_or_none(facts->failed_at);
  letter.event_id = facts->event_id;
  letter.root = facts->root;
  letter.dlq_topic = TopicName{std::string(record.topic)};
  Bytes decoded;
  const std::optional<std::string_view> value = original_value(record, *facts, decoded);
  letter.original = {.topic = TopicName{std::string(facts->topic)},
                     .partition = facts->partition,
                     .offset = facts->offset,
                     .timestamp = facts->timestamp,
                     .timestamp_type = record.timestamp_type,
                     .key = record.key ? std::optional<Bytes>(*record.key) : std::nullopt,
                     .value = value ? std::optional<Bytes>(*value) : std::nullopt,
                     .headers = original_headers(record)};
  return letter;
}

}  // namespace kbeat
