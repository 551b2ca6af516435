// The bytes of a stored batch: there and back, and what damage is noticed.
#include "kbeat/transport/local/batch_codec.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/local/byte_reader.hpp"
#include "kbeat/transport/local/checksum.hpp"

namespace kbeat::transport::local {
namespace {

const TopicPartition k_place{TopicName{"t"}, Partition{3}};

Record sample(int number) {
  Record record;
  record.timestamp = WallTime{Milliseconds{1'700'000'000'000 + number}};
  record.timestamp_type = TimestampType::create;
  record.key = "key " + std::to_string(number);
  record.value = std::string(static_cast<std::size_t>(number % 300), 'v');
  record.headers = {{"a", "1"}, {"", std::nullopt}, {"a", ""}};
  return record;
}

StoredBatch batch_of(const std::vector<Record>& records, Offset base) {
  BatchWriter writer;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordLoan loan(records[i]);
    writer.add(loan.view(), static_cast<std::int64_t>(i));
  }
  const Offset last{base.get() + static_cast<std::int64_t>(records.size()) - 1};
  return {base, last, std::make_shared<const std::string>(writer.finish())};
}

std::vector<Record> records_of(const StoredBatch& batch, Offset from) {
  std::vector<Record> records;
  const RecordBatch decoded = decode({&batch, 1}, k_place, from);
  for (const RecordView& view : decoded.records()) records.push_back(to_record(view));
  return records;
}

StoredBatch with_bytes(const StoredBatch& batch, std::string bytes) {
  return {batch.base, batch.last, std::make_shared<const std::string>(std::move(bytes))};
}

}  // namespace

TEST_CASE("CRC-32C is the one of RFC 3720", "[transport][batch]") {
  CHECK(crc32c("123456789") == 0xe3069283);
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aa);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43);
  CHECK(crc32c("") == 0);
}

TEST_CASE("numbers of any size survive their encoding", "[transport][batch]") {
  constexpr std::int64_t k_least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t number :
       std::vector<std::int64_t>{0, 1, -1, 63, 64, -64, -65, 127, 128, k_least, k_most}) {
    std::string bytes;
    append_signed_varint(bytes, number);
    append_varint(bytes, static_cast<std::uint64_t>(number));
    append_fixed(bytes, static_cast<std::uint64_t>(number), 8);
    ByteReader reader(bytes);
    CHECK(reader.signed_varint() == number);
    CHECK(reader.varint() == static_cast<std::uint64_t>(number));
    CHECK(reader.fixed(8) == static_cast<std::uint64_t>(number));
    CHECK_THROWS_AS(reader.byte(), Error);
  }
}

TEST_CASE("a number that never ends is refused", "[transport][batch]") {
  const std::string endless(11, '\xff');
  CHECK_THROWS_AS(ByteReader(endless).varint(), Error);
  CHECK_THROWS_AS(ByteReader("abc").text(4), Error);
}

TEST_CASE("a batch gives back its records with their offsets", "[transport][batch]") {
  std::vector<Record> sent;
  for (int i = 0; i < 500; ++i) sent.push_back(sample(i));
  const std::vector<Record> read = records_of(batch_of(sent, Offset{1'000}), Offset{0});
  REQUIRE(read.size() == sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) {
    Record expected = sent[i];
    expected.topic = k_place.topic;
    expected.partition = k_place.partition;
    expected.offset = Offset{1'000 + static_cast<std::int64_t>(i)};
    CHECK(read[i] == expected);
  }
}

TEST_CASE("decoding begins at the offset asked for", "[transport][batch]") {
  const StoredBatch batch = batch_of({sample(1), sample(2), sample(3)}, Offset{10});
  const std::vector<Record> read = records_of(batch, Offset{12});
  REQUIRE(read.size() == 1);
  CHECK(read.front().offset == Offset{12});
}

TEST_CASE("timestamps at both ends of the range survive", "[transport][batch]") {
  std::vector<Record> sent = {sample(0), sample(1), sample(2)};
  sent[0].timestamp = WallTime{Milliseconds{std::numeric_limits<std::int64_t>::max()}};
  sent[1].timestamp = WallTime{Milliseconds{std::numeric_limits<std::int64_t>::min()}};
  const StoredBatch batch = batch_of(sent, Offset{0});
  const std::vector<Record> read = records_of(batch, Offset{0});
  REQUIRE(read.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(read[i].timestamp == sent[i].timestamp);
  CHECK(check_batch(*batch.bytes).max_timestamp == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("any flipped bit is noticed", "[transport][batch]") {
  const StoredBatch batch = batch_of({sample(1), sample(2)}, Offset{0});
  for (std::size_t bit = 0; bit < batch.bytes->size() * 8; ++bit) {
    std::string bytes = *batch.bytes;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
    INFO("bit " << bit);
    CHECK_THROWS_AS(records_of(with_bytes(batch, bytes), Offset{0}), Error);
  }
}

TEST_CASE("a batch cut short is noticed at every length", "[transport][batch]") {
  const StoredBatch batch = batch_of({sample(1), sample(2)}, Offset{0});
  for (std::size_t length = 0; length < batch.bytes->size(); ++length) {
    CHECK_THROWS_AS(check_batch(batch.bytes->substr(0, length)), Error);
  }
}

TEST_CASE("damage behind a right checksum is noticed as well", "[transport][batch]") {
  const StoredBatch batch = batch_of({sample(1)}, Offset{0});
  for (std::size_t at = 8; at < batch.bytes->size(); ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string bytes = *batch.bytes;
      bytes[at] = value;
      std::string checksum;
      append_fixed(checksum, crc32c(std::string_view(bytes).substr(8)), 4);
      bytes.replace(4, 4, checksum);
      try {
        const std::size_t count = records_of(with_bytes(batch, bytes), Offset{0}).size();
        CHECK(count <= 1);
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::database);
      }
    }
  }
}

TEST_CASE("the message about a damaged batch names partition and offset", "[transport][batch]") {
  const StoredBatch batch = with_bytes(batch_of({sample(1)}, Offset{7}), "nonsense");
  CHECK_THROWS_WITH(records_of(batch, Offset{7}), Catch::Contains("t[3]") && Catch::Contains("offset 7"));
}

TEST_CASE("a filtered batch keeps the offsets of what is left", "[transport][batch]") {
  const StoredBatch batch = batch_of({sample(0), sample(1), sample(2), sample(3)}, Offset{20});
  const auto odd = filtered(batch, [](const RecordView& record) { return record.offset.get() % 2 == 1; });
  REQUIRE(odd);
  CHECK(odd->last == Offset{23});
  const std::vector<Record> read = records_of(*odd, Offset{0});
  REQUIRE(read.size() == 2);
  CHECK(read[0].offset == Offset{21});
  CHECK(read[1].offset == Offset{23});
  CHECK(read[1].headers.size() == 3);
  CHECK_FALSE(filtered(batch, [](const RecordView&) { return true; }));
  const auto none = filtered(batch, [](const RecordView&) { return false; });
  REQUIRE(none);
  CHECK(none->bytes == nullptr);
}

}  // namespace kbeat::transport::local
