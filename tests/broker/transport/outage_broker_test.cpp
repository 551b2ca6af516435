// A broker that dies and comes back while records are written and read; test_transport.py kills it.
#include <catch2/catch.hpp>
#include <map>

#include "broker/transport/client_desk.hpp"
#include "support/child.hpp"

using namespace kbeat;
using namespace kbeat::broker;

namespace {

constexpr std::uint64_t k_records = 6000;
constexpr std::chrono::seconds k_limit{90};

/// Writes numbered records, a few at a time, and makes a new producer when the library gives one up.
class Writer {
 public:
  Writer(Transport& transport, TopicName topic) : m_transport(transport), m_topic(std::move(topic)) {}

  void step() {
    if (!m_producer) m_producer = m_transport.make_producer({});
    for (int i = 0; i < 10 && m_next < k_records; ++i, ++m_next) {
      const Record record = record_of(m_topic, std::to_string(m_next));
      if (m_producer->send(RecordLoan(record).view(), m_next) == Accepted::queue_full) break;
    }
    std::vector<Delivery> reports;
    m_producer->poll(Milliseconds{2}, reports);
    for (const Delivery& report : reports) take(report);
    if (m_failed) start_anew();
  }
  [[nodiscard]] bool done() const { return m_acknowledged == k_records; }

 private:
  void take(const Delivery& report) {
    if (!report.error && !m_failed && report.tag == m_acknowledged) ++m_acknowledged;
    if (report.error) m_failed = true;
  }
  void start_anew() {
    m_producer.reset();
    m_next = m_acknowledged;
    m_failed = false;
  }

  Transport& m_transport;
  TopicName m_topic;
  std::unique_ptr<Producer> m_producer;
  std::uint64_t m_next = 0;
  std::uint64_t m_acknowledged = 0;
  bool m_failed = false;
};

}  // namespace

TEST_CASE("writing and reading go on over the death of the broker, complete and in order", "[outage]") {
  KafkaTransport kafka = client();
  const TopicName topic = make_topic(kafka);
  Writer writer(kafka, topic);
  const auto consumer = kafka.make_consumer({});
  const Position begin{{topic, Partition{0}}, Offset{0}};
  consumer->start({&begin, 1});
  std::uint64_t next = 0;
  int troubles = 0;
  bool told = false;
  const auto deadline = std::chrono::steady_clock::now() + k_limit;
  while (next < k_records || !writer.done()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    writer.step();
    const ConsumerEvent event = consumer->poll(Milliseconds{1});
    if (const auto* problem = std::get_if<Problem>(&event)) {
      INFO(problem->error.what());
      REQUIRE(problem->error.retryable());
      ++troubles;
    }
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) {
        // A record whose acknowledgement was lost may stand in the topic twice, never out of order.
        const std::uint64_t number = std::stoull(std::string(*record.value));
        REQUIRE(number <= next);
        if (number == next) ++next;
      }
    }
    if (!told && next > k_records / 3) {
      test::tell_parent("a third is read");
      told = true;
    }
  }
  CHECK(troubles > 0);
}
