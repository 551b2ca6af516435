// From a record of a DLQ to what it says: kbeat's own headers first, then those of others, then the body.
#include "kbeat/dlq/seen_letter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/dlq/foreign_letter.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat::dlq {
namespace {

constexpr std::size_t k_longest_error = 1024;

void take_facts(SeenLetter& letter, const LetterFacts& facts) {
  letter.id = letter_identity(facts);
  letter.topic = facts.topic;
  letter.partition = facts.partition;
  letter.offset = facts.offset;
  letter.timestamp = facts.timestamp;
  letter.cluster = facts.cluster;
  letter.group = facts.group;
  letter.handler = facts.handler;
  letter.category = facts.category;
  letter.error = facts.error;
  letter.attempts = facts.attempts;
  letter.replays = facts.replays;
  letter.failed_at = facts.failed_at;
  letter.event_id = facts.event_id;
  letter.root = facts.root;
  letter.spilled = facts.spilled;
  letter.host = facts.host;
}

/// A retry of kbeat's that failed again with somebody else still carries how often it was retried.
int replays_of(const RecordView& record) {
  const HeaderView* header = find_header(record.headers, names::k_retry_count);
  const std::string_view digits = header != nullptr ? header->value.value_or("") : std::string_view();
  int count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return std::max(count, 0);
}

void understand_body(const RecordView& record, SeenLetter& letter) {
  letter.form = LetterForm::unknown;
  letter.value_in_record = record.value;
  std::optional<LetterBody> body;
  if (record.value) body = find_letter_body(*record.value);
  if (!body) return;
  letter.form = LetterForm::body;
  letter.error = clean_utf8(body->error, k_longest_error);
  letter.failed_at = std::move(body->timestamp);
  letter.value_in_record = body->event;
  letter.decoded = std::move(body->text);
}

void understand_others(const RecordView& record, const LetterReading& reading, SeenLetter& letter) {
  letter.kind = LetterKind::foreign;
  letter.replays = replays_of(record);
  if (!understand_foreign(record, letter)) understand_body(record, letter);
  if (reading.origin_header.empty()) return;
  const HeaderView* origin = find_header(record.headers, reading.origin_header);
  if (origin != nullptr && origin->value) letter.topic = *origin->value;
}

}  // namespace

std::string_view to_string(LetterKind kind) {
  switch (kind) {
    case LetterKind::foreign: return "foreign";
    case LetterKind::damaged: return "damaged";
    case LetterKind::own: break;
  }
  return "kbeat";
}

std::string_view to_string(LetterForm form) {
  switch (form) {
    case LetterForm::connect: return "connect";
    case LetterForm::streams: return "streams";
    case LetterForm::share_group: return "share-group";
    case LetterForm::spring: return "spring";
    case LetterForm::stream_binder: return "spring-cloud-stream";
    case LetterForm::smallrye: return "smallrye";
    case LetterForm::watermill: return "watermill";
    case LetterForm::body: return "body";
    case LetterForm::unknown: return "unknown";
    case LetterForm::kbeat: break;
  }
  return "kbeat";
}

SeenLetter see_letter(const RecordView& record, const LetterReading& reading) {
  SeenLetter letter{.record = record};
  try {
    const std::optional<LetterFacts> facts = find_letter_facts(record.headers);
    if (facts) {
      take_facts(letter, *facts);
      std::string decoded;
      const std::optional<std::string_view> value = original_value(record, *facts, decoded);
      if (value && value->data() == decoded.data()) {
        letter.decoded = std::move(decoded);
      } else {
        letter.value_in_record = value;
      }
      return letter;
    }
  } catch (const Error& error) {
    letter = SeenLetter{.kind = LetterKind::damaged, .record = record};
    letter.fault = error.what();
  }
  letter.id = fmt::format("@{}/{}/{}", record.topic, record.partition.get(), record.offset.get());
  if (letter.kind != LetterKind::damaged) understand_others(record, reading, letter);
  return letter;
}

std::vector<HeaderView> original_headers(const SeenLetter& letter) {
  std::vector<HeaderView> headers;
  for (const HeaderView& header : letter.record.headers) {
    if (header.name.starts_with(names::k_dlq_prefix)) break;
    if (letter.kind == LetterKind::foreign && is_added_by(letter.form, header.name)) continue;
    headers.push_back(header);
  }
  return headers;
}

RecordView original_view(const SeenLetter& letter, std::vector<HeaderView>& headers) {
  headers = original_headers(letter);
  return {.topic = letter.topic,
          .partition = letter.partition.value_or(Partition{-1}),
          .offset = letter.offset.value_or(Offset{-1}),
          .timestamp = letter.timestamp.value_or(letter.record.timestamp),
          .timestamp_type = TimestampType::create,
          .key = letter.record.key,
          .value = letter.value(),
          .headers = headers};
}

}  // namespace kbeat::dlq
