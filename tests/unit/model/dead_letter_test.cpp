// Dead letters: the body of the contract, headers, and the way back to the original bytes.
#include "kbeat/model/dead_letter.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;

namespace {

DeadLetter letter_of(std::optional<Bytes> value) {
  DeadLetter letter;
  letter.cluster = "c1";
  letter.group = GroupId{"g"};
  letter.original = {.topic = TopicName{"beats-events"},
                     .partition = Partition{2},
                     .offset = Offset{41},
                     .timestamp = WallTime{Milliseconds{1700000000000}},
                     .timestamp_type = TimestampType::create,
                     .key = Bytes("k\0", 2),
                     .value = std::move(value),
                     .headers = {{"h", "1"}, {"h", std::nullopt}, {"kbeat.dlq.attempts", "9"}}};
  letter.handler = "beat_created";
  letter.category = FailureCategory::processing;
  letter.error = "no \"audio\"";
  letter.attempts = 4;
  letter.first_failed_at = letter.failed_at = parse_rfc3339("2026-01-31T09:00:00.123Z");
  letter.event_id = "e1";
  letter.dlq_topic = TopicName{"analytics-dlq"};
  return letter;
}

std::string header(const Record& record, std::string_view name) {
  const Header* found = find_header(std::span<const Header>(record.headers), name);
  return found != nullptr ? found->value.value_or("(null)") : "(none)";
}

}  // namespace

TEST_CASE("D1: the body splices JSON byte for byte and quotes what is not", "[model][dead_letter]") {
  CHECK(
      to_dlq_record(letter_of(R"({"n": 1.10,"n":2})")).value ==
      R"({"originalEvent":{"n": 1.10,"n":2},"error":"no \"audio\"","timestamp":"2026-01-31T09:00:00.123Z"})");
  CHECK(to_dlq_record(letter_of("hi")).value->starts_with(R"({"originalEvent":"hi",)"));
  CHECK(to_dlq_record(letter_of("\xff")).value->starts_with(R"({"originalEvent":"/w==",)"));
  CHECK(to_dlq_record(letter_of(std::nullopt)).value->starts_with(R"({"originalEvent":null,)"));
}

TEST_CASE("D2: original headers come first and former error headers are replaced", "[model][dead_letter]") {
  const Record record = to_dlq_record(letter_of("{}"));
  CHECK(record.key == Bytes("k\0", 2));
  REQUIRE(record.headers.size() > 3);
  CHECK(record.headers[0] == Header{"h", "1"});
  CHECK(record.headers[1] == Header{"h", std::nullopt});
  CHECK(record.headers[2].name == "kbeat.dlq.topic");
  CHECK(std::count_if(record.headers.begin(), record.headers.end(),
                      [](const Header& each) { return each.name == "kbeat.dlq.attempts"; }) == 1);
  CHECK(header(record, "kbeat.dlq.attempts") == "4");
  CHECK(header(record, "kbeat.dlq.offset") == "41");
  CHECK(header(record, "kbeat.dlq.category") == "processing");
  CHECK(header(record, "kbeat.dlq.root") == "c1/g/beats-events/2/41");
}

TEST_CASE("D6: every form of dead letter gives the original bytes back", "[model][dead_letter]") {
  const std::optional<Bytes> values[] = {std::nullopt,
                                         "",
                                         "{}",
                                         "null",
                                         "text \"q\" \n",
                                         "\xff\x00\x01",
                                         "[1, 2]",
                                         "\"s\"",
                                         "{\"originalEvent\":1}",
                                         "{\"originalEvent\":\"1\",\"a\":2}",
                                         std::string(3000, '\x7f')};
  for (const LetterFormat format :
       {LetterFormat::kbeat, LetterFormat::raw, LetterFormat::connect, LetterFormat::spring}) {
    for (const auto& value : values) {
      DeadLetter letter = letter_of(value);
      letter.format = format;
      Record record = to_dlq_record(letter);
      record.headers.push_back({"kbeat.outbox", "store/1"});  // as the relay adds it
      const DeadLetter back = read_dlq_record(RecordLoan(record).view());
      CHECK(back.original.value == value);
      CHECK(back.original.topic == letter.original.topic);
      CHECK(back.original.offset == letter.original.offset);
      CHECK(back.original.key == letter.original.key);
      CHECK(back.original.headers == std::vector<Header>{{"h", "1"}, {"h", std::nullopt}});
      CHECK(back.attempts == 4);
      CHECK(letter_identity(back) == letter_identity(letter));
    }
  }
}

TEST_CASE("a damaged letter is told from a foreign one", "[model][dead_letter]") {
  Record record = to_dlq_record(letter_of("{\"a\":1}"));
  record.value->at(20) = 'X';
  CHECK_THROWS_WITH(read_dlq_record(RecordLoan(record).view()), Catch::Contains("damaged"));
  record.value = "{\"originalEvent\":";
  CHECK_THROWS_WITH(read_dlq_record(RecordLoan(record).view()), Catch::Contains("damaged"));
  record.headers.clear();
  CHECK_THROWS_WITH(read_dlq_record(RecordLoan(record).view()), Catch::Contains("no dead letter of kbeat"));
}
