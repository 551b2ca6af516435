// The forms in which records are printed.
#include "record_printer.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::app;

namespace {

Record sample() {
  return {.topic = TopicName{"t"},
          .partition = Partition{3},
          .offset = Offset{42},
          .timestamp = WallTime{Milliseconds{1700000000000}},
          .timestamp_type = TimestampType::create,
          .key = "k",
          .value = "v\xff",
          .headers = {{"a", "1"}, {"n", std::nullopt}}};
}

std::string printed(const PrintOptions& options, const Record& record,
                    StreamKind kind = StreamKind::file_or_pipe) {
  RecordPrinter printer(options, kind);
  std::string out;
  printer.append(out, RecordLoan(record).view());
  return out;
}

std::string formatted(const std::string& format, const Record& record = sample()) {
  PrintOptions options;
  options.format = format;
  return printed(options, record);
}

}  // namespace

TEST_CASE("values are printed raw with a newline", "[apps]") {
  CHECK(printed({}, sample()) == "v\xff\n");
  Record tombstone = sample();
  tombstone.value.reset();
  CHECK(printed({}, tombstone) == "\n");
  PrintOptions with_null;
  with_null.show_null = true;
  CHECK(printed(with_null, tombstone) == "NULL\n");
}

TEST_CASE("kcat's tokens and escapes make up a format", "[apps]") {
  CHECK(formatted("%t %p %o %T %k %K %s %S %h %%\\n\\x41") ==
        "t 3 42 1700000000000 k 1 v\xff 2 a=1,n=NULL %\nA");
  CHECK(formatted("%R") == std::string("\0\0\0\2", 4));
  Record bare = sample();
  bare.key.reset();
  bare.value.reset();
  bare.timestamp_type = TimestampType::none;
  CHECK(formatted("%K %S %T|%R", bare) == "-1 -1 -1|\xff\xff\xff\xff");
}

TEST_CASE("a key delimiter is taken as it is, percent signs included", "[apps]") {
  PrintOptions options;
  options.key_delimiter = "%s\\t";
  CHECK(printed(options, sample()) == "k%s\tv\xff\n");
  options.delimiter = "\\0";
  CHECK(printed(options, sample()) == std::string("k%s\tv\xff\0", 7));
}

TEST_CASE("wrong formats and forms that exclude each other are refused", "[apps]") {
  for (const char* format : {"%", "%x", "\\q", "100%"}) {
    CAPTURE(format);
    CHECK_THROWS_AS(formatted(format), Error);
  }
  PrintOptions both;
  both.envelopes = true;
  both.format = "%s";
  CHECK_THROWS_AS(printed(both, sample()), Error);
  PrintOptions json_values;
  json_values.json_values = true;
  CHECK_THROWS_AS(printed(json_values, sample()), Error);
}

TEST_CASE("a terminal gets nothing that steers it", "[apps]") {
  Record hostile = sample();
  hostile.value = "\x1b[2J\xc2\x9b\xe2\x80\xae\n";
  CHECK(printed({}, hostile, StreamKind::terminal) == "\\x1b[2J\\u{009b}\\u{202e}\\n\n");
  PrintOptions envelope;
  envelope.envelopes = true;
  const std::string line = printed(envelope, hostile, StreamKind::terminal);
  CHECK_THAT(line, Catch::Contains(R"("payload":"\u001b[2J\u009b\u202e\n")"));
}
