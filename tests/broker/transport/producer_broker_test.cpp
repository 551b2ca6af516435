// What becomes of records when a Kafka producer cannot deliver, or is given up by its library.
#include <catch2/catch.hpp>

#include "broker/transport/client_desk.hpp"
#include "kbeat/transport/kafka/client_properties.hpp"
#include "kbeat/transport/kafka/kafka_producer.hpp"
#include "support/child.hpp"

using namespace kbeat;
using namespace kbeat::broker;

namespace {

config::KafkaSettings settings() {
  config::KafkaSettings settings;
  settings.brokers = {required("KBEAT_TEST_BROKER")};
  return settings;
}

}  // namespace

TEST_CASE("F8: a producer that turns fatal says so for each record, and a new one goes on",
          "[broker][producer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  auto producer = std::make_unique<KafkaProducer>(ClientParts{producer_properties(settings(), {})});
  CHECK_FALSE(send_all(*producer, {record_of(topic, "0")}).front().error.has_value());
  rd_kafka_test_fatal_error(producer->sender().client().get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                            "made up by a test");
  const std::vector<Record> more{record_of(topic, "1"), record_of(topic, "2")};
  for (const Delivery& report : send_all(*producer, more)) {
    REQUIRE(report.error.has_value());
    CHECK(report.error->code() == ErrorCode::internal);
    CHECK_FALSE(report.error->retryable());
    CHECK_THAT(report.error->what(), Catch::Contains("made up by a test"));
  }
  producer = std::make_unique<KafkaProducer>(ClientParts{producer_properties(settings(), {})});
  const std::vector<Delivery> reports = send_all(*producer, more);
  CHECK(reports.at(0).offset == Offset{1});
  CHECK(reports.at(1).offset == Offset{2});
}

TEST_CASE("a record for a topic or partition that does not exist is reported, not lost",
          "[broker][producer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  const TopicName missing{topic.get() + ".missing"};
  const auto reports = send_all(*kafka.make_producer({}),
                                {record_of(missing, "a"), record_of(topic, "b", 7), record_of(topic, "c")});
  REQUIRE(reports.at(0).error.has_value());
  CHECK(reports.at(0).error->code() == ErrorCode::not_found);
  REQUIRE(reports.at(1).error.has_value());
  CHECK(reports.at(1).error->code() == ErrorCode::not_found);
  CHECK_FALSE(reports.at(0).possibly_stored);
  CHECK_FALSE(reports.at(2).error.has_value());
}

TEST_CASE("records for a broker that is away are reported with the reason", "[broker][producer]") {
  KafkaTransport nowhere = client_of("127.0.0.1:9");
  ProducerOptions options;
  options.message_timeout = Milliseconds{1500};
  const auto report = send_all(*nowhere.make_producer(options), {record_of(TopicName{"t"}, "v", -1)}).front();
  REQUIRE(report.error.has_value());
  CHECK(report.error->code() == ErrorCode::unreachable);
  CHECK(report.error->retryable());
  CHECK_THAT(report.error->what(), Catch::Contains("127.0.0.1:9") && Catch::Contains("refused"));
}

TEST_CASE("a failed record makes its transaction fail, and the next one is clean", "[broker][producer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  ProducerOptions options;
  options.transactional_id = topic.get();
  const auto producer = kafka.make_transactional_producer(options);
  producer->begin();
  const Record wrong = record_of(topic, "no such partition", 9);
  CHECK(producer->send(RecordLoan(wrong).view(), 1) == Accepted::yes);
  const auto refused = [&] {
    try {
      producer->commit(Milliseconds{10'000});
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::usage;
  };
  CHECK(refused() == ErrorCode::undelivered);
  producer->abort(Milliseconds{10'000});
  std::vector<Delivery> reports;
  producer->poll(Milliseconds{0}, reports);
  REQUIRE(reports.size() == 1);
  CHECK(reports.front().error.has_value());
  producer->begin();
  const Record right = record_of(topic, "right");
  CHECK(producer->send(RecordLoan(right).view(), 2) == Accepted::yes);
  producer->commit(Milliseconds{10'000});
}

TEST_CASE("a record that the broker refuses fails its own transaction and none behind it",
          "[broker][producer]") {
  KafkaTransport kafka = client_of(required("KBEAT_TEST_BROKER"), {{"compression.type", "none"}});
  const TopicName beside = make_topic(kafka);
  const TopicName topic{beside.get() + ".small"};
  kafka.make_topic_admin(Milliseconds{30'000})
      ->create({.topic = topic, .config = {{"max.message.bytes", "2000"}, {"cleanup.policy", "compact"}}});
  ProducerOptions options;
  options.transactional_id = topic.get();
  const auto producer = kafka.make_transactional_producer(options);
  const auto commit = [&] { producer->commit(Milliseconds{10'000}); };
  const auto send = [&](std::size_t size) {
    Record record = record_of(topic, std::string(size, 'v'));
    record.key = "k";
    const Record companion = record_of(beside, "v");
    producer->begin();
    CHECK(producer->send(RecordLoan(record).view(), 1) == Accepted::yes);
    CHECK(producer->send(RecordLoan(companion).view(), 2) == Accepted::yes);
  };
  for (int i = 0; i < 3; ++i) {
    send(30);
    CHECK_NOTHROW(commit());
    send(3000);
    CHECK_THROWS_WITH(commit(), Catch::Contains("too large"));
    producer->abort(Milliseconds{10'000});
  }
  send(30);
  CHECK_NOTHROW(commit());
  std::vector<Delivery> reports;
  producer->flush(Milliseconds{10'000}, reports);
  CHECK(reports.size() == 14);
  for (const Delivery& report : reports) CHECK((report.tag == 1 || report.tag == 2));
}

TEST_CASE("kcat reads what was sent, byte for byte", "[broker][producer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  Record record = record_of(topic, "value");
  record.key = "key";
  record.headers = {{"h", "1"}, {"h", "2"}};
  REQUIRE_FALSE(send_all(*kafka.make_producer({}), {record}).front().error.has_value());
  test::Child kcat({"/usr/bin/kcat", "-b", required("KBEAT_TEST_BROKER"), "-C", "-e", "-q", "-t", topic.get(),
                    "-f", "%p %o %k %s %h\\n"});
  CHECK(kcat.read_line() == "0 0 key value h=1,h=2");
}

TEST_CASE("what kcat sends is read, null and empty apart", "[broker][consumer]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  const std::string script = "printf 'k1:v1\\nk2:\\n' | kcat -b " + required("KBEAT_TEST_BROKER") +
                             " -P -Z -K : -H a=b -t " + topic.get();
  test::Child kcat({"/bin/sh", "-c", script});
  REQUIRE(kcat.wait() == 0);
  const auto consumer = kafka.make_consumer({});
  const Position begin{{topic, Partition{0}}, Offset{0}};
  consumer->start({&begin, 1});
  std::vector<Record> records;
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& view : batch->records()) records.push_back(to_record(view));
    }
    return records.size() == 2;
  });
  CHECK(records.at(0).key == "k1");
  CHECK(records.at(0).value == "v1");
  CHECK(records.at(0).headers == std::vector<Header>{{"a", "b"}});
  CHECK(records.at(1).key == "k2");
  CHECK_FALSE(records.at(1).value.has_value());
}
