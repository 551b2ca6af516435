// Dead letters of other programs by their headers.
#include "kbeat/dlq/foreign_letter.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using namespace kbeat::dlq;

namespace {

struct Seen {
  Record record;
  RecordLoan loan;
  SeenLetter letter;

  explicit Seen(std::vector<Header> headers, const LetterReading& reading = {})
      : record{.topic = TopicName{"dlq"},
               .partition = Partition{1},
               .offset = Offset{7},
               .value = "v",
               .headers = std::move(headers)},
        loan(record),
        letter(see_letter(loan.view(), reading)) {}
};

}  // namespace

TEST_CASE("Kafka Connect's letters tell origin, connector, error and stage", "[dlq][foreign]") {
  const Seen seen({{"h", "1"},
                   {"__connect.errors.topic", "orders"},
                   {"__connect.errors.partition", "3"},
                   {"__connect.errors.offset", "42"},
                   {"__connect.errors.connector.name", "sink"},
                   {"__connect.errors.stage", "VALUE_CONVERTER"},
                   {"__connect.errors.exception.message", "bad magic"}});
  CHECK(seen.letter.id == "@dlq/1/7");
  CHECK(seen.letter.form == LetterForm::connect);
  CHECK(seen.letter.topic == "orders");
  CHECK(seen.letter.partition == Partition{3});
  CHECK(seen.letter.offset == Offset{42});
  CHECK(seen.letter.handler == "sink");
  CHECK(seen.letter.error == "bad magic");
  CHECK(seen.letter.category == FailureCategory::deserialization);
  REQUIRE(original_headers(seen.letter).size() == 1);
  CHECK(original_headers(seen.letter)[0].name == "h");
}

TEST_CASE("Spring's binary numbers are read, even when their bytes look like digits", "[dlq][foreign]") {
  const auto offset_of = [](Bytes bytes) {
    const Seen seen(
        {{"kafka_dlt-original-topic", "orders"}, {"kafka_dlt-original-offset", std::move(bytes)}});
    return seen.letter.offset.value_or(Offset{-1}).get();
  };
  CHECK(offset_of(Bytes("\0\0\0\0\0\0\0\x2a", 8)) == 42);
  CHECK(offset_of(Bytes("\0\0\0\0\0\0\0\x31", 8)) == 49);
  CHECK(offset_of("1234567") == 1234567);  // a text, as some write it
  const Seen seen({{"kafka_dlt-original-topic", "orders"},
                   {"kafka_dlt-original-partition", Bytes("\0\0\0\x05", 4)},
                   {"retry_topic-attempts", Bytes("\0\0\0\x04", 4)},
                   {"kafka_dlt-exception-fqcn", "java.util.concurrent.TimeoutException"}});
  CHECK(seen.letter.partition == Partition{5});
  CHECK(seen.letter.attempts == 4);
  CHECK(seen.letter.error == "java.util.concurrent.TimeoutException");
  CHECK(seen.letter.category == FailureCategory::timeout);
  CHECK(original_headers(seen.letter).empty());
}

TEST_CASE("letters of Spring's retry topics are Spring's", "[dlq][foreign]") {
  const Seen seen(
      {{"mine", "1"},
       {"kafka_original-topic", "orders"},
       {"kafka_original-partition", Bytes("\0\0\0\x02", 4)},
       {"kafka_original-offset", Bytes("\0\0\0\0\0\0\x01\x2c", 8)},
       {"kafka_original-timestamp", Bytes("\0\0\x01\x9b\x76\xda\x80\0", 8)},
       {"kafka_original-timestamp-type", "CreateTime"},
       {"kafka_exception-fqcn", "org.springframework.kafka.listener.ListenerExecutionFailedException"},
       {"kafka_exception-message", "no stock"},
       {"kafka_exception-stacktrace", "at ..."},
       {"retry_topic-attempts", Bytes("\0\0\0\x03", 4)},
       {"retry_topic-backoff-timestamp", "1"}});
  CHECK(seen.letter.form == LetterForm::spring);
  CHECK(seen.letter.topic == "orders");
  CHECK(seen.letter.partition == Partition{2});
  CHECK(seen.letter.offset == Offset{300});
  CHECK(seen.letter.timestamp == WallTime{Milliseconds{0x19b'76da'8000}});
  CHECK(seen.letter.error == "no stock");
  CHECK(seen.letter.attempts == 3);
  REQUIRE(original_headers(seen.letter).size() == 1);
  CHECK(original_headers(seen.letter)[0].name == "mine");
}

TEST_CASE("Streams, share groups, Spring Cloud Stream, SmallRye and Watermill are known", "[dlq][foreign]") {
  const auto check = [](std::vector<Header> headers, LetterForm form) {
    const Seen seen(std::move(headers));
    CHECK(seen.letter.kind == LetterKind::foreign);
    CHECK(seen.letter.form == form);
    CHECK(seen.letter.topic == "orders");
    CHECK(seen.letter.error == "why");
    CHECK(original_headers(seen.letter).empty());
  };
  check({{"__streams.errors.topic", "orders"}, {"__streams.errors.message", "why"}}, LetterForm::streams);
  check({{"__dlq.errors.topic", "orders"}, {"__dlq.errors.group", "g"}, {"__dlq.errors.message", "why"}},
        LetterForm::share_group);
  check({{"x-original-topic", "orders"}, {"x-exception-message", "why"}}, LetterForm::stream_binder);
  check({{"dead-letter-topic", "orders"}, {"dead-letter-reason", "why"}}, LetterForm::smallrye);
  check({{"topic_poisoned", "orders"}, {"reason_poisoned", "why"}, {"subscriber_poisoned", "s"}},
        LetterForm::watermill);
}

TEST_CASE("any other record is unknown until a header is named that tells its origin", "[dlq][foreign]") {
  const Seen plain(std::vector<Header>{{"src", "orders"}});
  CHECK(plain.letter.form == LetterForm::unknown);
  CHECK(plain.letter.topic.empty());
  CHECK(plain.letter.value() == "v");
  const Seen named(std::vector<Header>{{"src", "orders"}}, {.origin_header = "src"});
  CHECK(named.letter.topic == "orders");
}

TEST_CASE("a retry that failed with somebody else still counts its replays", "[dlq][foreign]") {
  const Seen seen(std::vector<Header>{{"kbeat.retry-count", "2"}, {"kafka_dlt-original-topic", "orders"}});
  CHECK(seen.letter.replays == 2);
}
