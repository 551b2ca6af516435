// The families of foreign dead letters as a table of header names.
#include "kbeat/dlq/foreign_letter.hpp"

#include <array>
#include <charconv>
#include <cstdint>

#include "kbeat/base/escape.hpp"

namespace kbeat::dlq {
namespace {

constexpr std::size_t k_longest_foreign_error = 1024;

/// Names of a family's headers; those that it does not have are empty.
struct Family {
  LetterForm form;
  std::array<std::string_view, 3> prefixes;  ///< what begins with one of these was added by the family
  std::string_view topic;                    ///< tells the family, too
  std::string_view partition;
  std::string_view offset;
  std::string_view timestamp;
  std::string_view group;
  std::string_view handler;
  std::string_view error;
  std::string_view exception;
  std::string_view attempts;
};

constexpr std::array<Family, 8> k_families{{
    {LetterForm::connect,
     {"__connect.errors.", ""},
     "__connect.errors.topic",
     "__connect.errors.partition",
     "__connect.errors.offset",
     "",
     "",
     "__connect.errors.connector.name",
     "__connect.errors.exception.message",
     "__connect.errors.exception.class.name",
     ""},
    {LetterForm::streams,
     {"__streams.errors.", ""},
     "__streams.errors.topic",
     "__streams.errors.partition",
     "__streams.errors.offset",
     "",
     "",
     "",
     "__streams.errors.message",
     "__streams.errors.exception",
     ""},
    {LetterForm::share_group,
     {"__dlq.errors.", ""},
     "__dlq.errors.topic",
     "__dlq.errors.partition",
     "__dlq.errors.offset",
     "",
     "__dlq.errors.group",
     "",
     "__dlq.errors.message",
     "",
     "__dlq.errors.delivery.count"},
    {LetterForm::spring,
     {"kafka_dlt-", "retry_topic-"},
     "kafka_dlt-original-topic",
     "kafka_dlt-original-partition",
     "kafka_dlt-original-offset",
     "kafka_dlt-original-timestamp",
     "kafka_dlt-original-consumer-group",
     "",
     "kafka_dlt-exception-message",
     "kafka_dlt-exception-fqcn",
     "retry_topic-attempts"},
    // Spring's retry topics, and what they leave in the end.
    {LetterForm::spring,
     {"kafka_original-", "kafka_exception-", "kafka_key-exception-"},
     "kafka_original-topic",
     "kafka_original-partition",
     "kafka_original-offset",
     "kafka_original-timestamp",
     "kafka_original-consumer-group",
     "",
     "kafka_exception-message",
     "kafka_exception-fqcn",
     "retry_topic-attempts"},
    {LetterForm::stream_binder,
     {"x-original-", "x-exception-"},
     "x-original-topic",
     "x-original-partition",
     "x-original-offset",
     "x-original-timestamp",
     "",
     "",
     "x-exception-message",
     "x-exception-fqcn",
     ""},
    {LetterForm::smallrye,
     {"dead-letter-", ""},
     "dead-letter-topic",
     "dead-letter-partition",
     "dead-letter-offset",
     "",
     "",
     "",
     "dead-letter-reason",
     "dead-letter-exception-class-name",
     ""},
    {LetterForm::watermill,
     {"", ""},
     "topic_poisoned",
     "",
     "",
     "",
     "",
     "handler_poisoned",
     "reason_poisoned",
     "",
     ""},
}};

std::string_view text_of(const RecordView& record, std::string_view name) {
  if (name.empty()) return {};
  const HeaderView* header = find_header(record.headers, name);
  return header != nullptr ? header->value.value_or("") : std::string_view();
}

/// Decimal digits, or (Spring) a number in big-endian bytes.
std::optional<std::int64_t> number_of(std::string_view bytes) {
  std::int64_t number = 0;
  const auto result = std::from_chars(bytes.data(), bytes.data() + bytes.size(), number);
  if (!bytes.empty() && result.ec == std::errc{} && result.ptr == bytes.data() + bytes.size()) return number;
  if (bytes.size() != 4 && bytes.size() != 8) return std::nullopt;
  std::uint64_t bits = 0;
  for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
  if (bytes.size() == 4) return static_cast<std::int32_t>(bits);
  return static_cast<std::int64_t>(bits);
}

/// Spring's numbers have fixed sizes, and eight of their bytes may be digits by chance.
std::optional<std::int64_t> number_of(const Family& family, const RecordView& record, std::string_view name,
                                      std::size_t binary_size) {
  const std::string_view bytes = text_of(record, name);
  if (family.form == LetterForm::spring && bytes.size() == binary_size && bytes.front() == '\0') {
    std::uint64_t bits = 0;
    for (const char byte : bytes) bits = bits << 8 | static_cast<unsigned char>(byte);
    return static_cast<std::int64_t>(bits);
  }
  return number_of(bytes);
}

std::string error_of(const Family& family, const RecordView& record) {
  std::string error(text_of(record, family.error));
  const std::string_view exception = text_of(record, family.exception);
  if (error.empty()) error = exception;
  return clean_utf8(error, k_longest_foreign_error);
}

/// Only what the headers say in so many words.
std::optional<FailureCategory> category_of(const Family& family, const RecordView& record) {
  const std::string_view stage = text_of(record, "__connect.errors.stage");
  if (stage == "KEY_CONVERTER" || stage == "VALUE_CONVERTER" || stage == "HEADER_CONVERTER")
    return FailureCategory::deserialization;
  const std::string_view exception = text_of(record, family.exception);
  if (exception.ends_with("DeserializationException") || exception.ends_with("SerializationException"))
    return FailureCategory::deserialization;
  if (exception.ends_with("TimeoutException")) return FailureCategory::timeout;
  return std::nullopt;
}

const Family* family_of(const RecordView& record) {
  for (const Family& family : k_families) {
    if (!text_of(record, family.topic).empty()) return &family;
  }
  return nullptr;
}

}  // namespace

bool understand_foreign(const RecordView& record, SeenLetter& letter) {
  const Family* family = family_of(record);
  if (family == nullptr) return false;
  letter.form = family->form;
  letter.topic = text_of(record, family->topic);
  if (const auto partition = number_of(*family, record, family->partition, 4); partition && *partition >= 0)
    letter.partition = Partition{static_cast<std::int32_t>(*partition)};
  if (const auto offset = number_of(*family, record, family->offset, 8); offset && *offset >= 0)
    letter.offset = Offset{*offset};
  if (const auto time = number_of(*family, record, family->timestamp, 8))
    letter.timestamp = WallTime{Milliseconds{*time}};
  if (const auto attempts = number_of(*family, record, family->attempts, 4))
    letter.attempts = static_cast<int>(*attempts);
  letter.group = text_of(record, family->group);
  letter.handler = text_of(record, family->handler);
  letter.error = error_of(*family, record);
  letter.category = category_of(*family, record);
  letter.value_in_record = record.value;
  return true;
}

bool is_added_by(LetterForm form, std::string_view header) {
  if (form == LetterForm::watermill) return header.ends_with("_poisoned");
  for (const Family& family : k_families) {
    if (family.form != form) continue;
    for (const std::string_view prefix : family.prefixes) {
      if (!prefix.empty() && header.starts_with(prefix)) return true;
    }
  }
  return false;
}

}  // namespace kbeat::dlq
