// Credentials that the broker refuses, and brokers that are not there.
#include <catch2/catch.hpp>

#include "broker/transport/client_desk.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::broker;

namespace {

constexpr const char* k_wrong_password = "not-the-password";

std::vector<std::pair<std::string, std::string>> login(const std::string& password) {
  return {{"security.protocol", "sasl_plaintext"},
          {"sasl.mechanism", "PLAIN"},
          {"sasl.username", "alice"},
          {"sasl.password", password}};
}

KafkaTransport refused_client() {
  return client_of(required("KBEAT_TEST_SASL_BROKER"), login(k_wrong_password));
}

void check_refusal(const Error& error) {
  CHECK(error.code() == ErrorCode::authentication);
  CHECK_FALSE(error.retryable());
  CHECK_THAT(error.what(), Catch::Contains("check user name, password"));
  CHECK_THAT(error.what(), !Catch::Contains(k_wrong_password));
}

}  // namespace

TEST_CASE("the right credentials open every client", "[broker][access]") {
  KafkaTransport kafka = client_of(required("KBEAT_TEST_SASL_BROKER"), login("wonder-secret"));
  const TopicName topic = make_topic(kafka);
  CHECK_FALSE(send_all(*kafka.make_producer({}), {record_of(topic, "v")}).front().error.has_value());
  CHECK_FALSE(kafka.make_topic_admin(Milliseconds{10'000})->cluster().id.empty());
}

TEST_CASE("wrong credentials end a consumer's wait with a problem that does not heal", "[broker][access]") {
  KafkaTransport kafka = refused_client();
  ConsumerOptions options;
  options.group = GroupId{"refused"};
  options.topics = {"any"};
  const auto consumer = kafka.make_consumer(options);
  std::optional<Error> error;
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    if (const auto* problem = std::get_if<Problem>(&event)) error = problem->error;
    return error.has_value();
  });
  check_refusal(*error);
}

TEST_CASE("wrong credentials end admin calls and deliveries long before their time is over",
          "[broker][access]") {
  KafkaTransport kafka = refused_client();
  const auto begun = std::chrono::steady_clock::now();
  const auto listing =
      test::thrown_by([&] { (void)kafka.make_topic_admin(Milliseconds{60'000})->cluster(); });
  REQUIRE(listing.has_value());
  check_refusal(*listing);
  const auto creating = test::thrown_by([&] { (void)make_topic(kafka); });
  REQUIRE(creating.has_value());
  check_refusal(*creating);
  ProducerOptions options;
  options.transactional_id = "refused";
  const auto fencing = test::thrown_by([&] { (void)kafka.make_transactional_producer(options); });
  REQUIRE(fencing.has_value());
  check_refusal(*fencing);
  const auto report = send_all(*kafka.make_producer({}), {record_of(TopicName{"t"}, "v", -1)}).front();
  REQUIRE(report.error.has_value());
  check_refusal(*report.error);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{25});
}

TEST_CASE("a broker that is away is a problem that heals, with the address and the reason",
          "[broker][access]") {
  KafkaTransport kafka = client_of("127.0.0.1:9");
  const auto consumer = kafka.make_consumer({});
  std::optional<Error> error;
  poll_until(*consumer, [&](const ConsumerEvent& event) {
    if (const auto* problem = std::get_if<Problem>(&event)) error = problem->error;
    return error.has_value();
  });
  CHECK(error->code() == ErrorCode::unreachable);
  CHECK(error->retryable());
  CHECK_THAT(error->what(), Catch::Contains("127.0.0.1:9") && Catch::Contains("refused"));
}

TEST_CASE("admin calls to a broker that is away end with their time", "[broker][access]") {
  KafkaTransport kafka = client_of("127.0.0.1:9");
  const auto begun = std::chrono::steady_clock::now();
  const TopicPartition partition{TopicName{"t"}, Partition{0}};
  const auto topics = test::thrown_by([&] { (void)kafka.make_topic_admin(Milliseconds{1000})->cluster(); });
  const auto offsets = test::thrown_by([&] {
    (void)kafka.make_offset_admin(Milliseconds{1000})->offsets({&partition, 1}, LogEnd::latest);
  });
  const auto groups = test::thrown_by([&] { (void)kafka.make_offset_admin(Milliseconds{1000})->groups(); });
  for (const auto& error : {topics, offsets, groups}) {
    REQUIRE(error.has_value());
    CHECK(error->code() == ErrorCode::unreachable);
    CHECK_THAT(error->what(), Catch::Contains("refused"));
  }
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{10});
}
