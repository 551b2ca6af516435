// Opens Kafka for the contract suite.
#include "contract/kafka_under_test.hpp"

#include <cstdlib>
#include <stdexcept>

#include "kbeat/transport/kafka/kafka_transport.hpp"

namespace kbeat::contract {
namespace {

constexpr std::string_view k_scheme = "kafka://";

std::unique_ptr<Transport> open_at(const std::string& bootstrap) {
  config::KafkaSettings settings;
  settings.brokers = {bootstrap};
  return std::make_unique<transport::KafkaTransport>(settings, "kbeat-contract");
}

class KafkaUnderTest final : public TransportUnderTest {
 public:
  explicit KafkaUnderTest(std::string bootstrap)
      : m_bootstrap(std::move(bootstrap)), m_transport(open_at(m_bootstrap)) {}

  [[nodiscard]] Transport& transport() override { return *m_transport; }
  [[nodiscard]] std::string address() const override { return std::string(k_scheme) + m_bootstrap; }
  [[nodiscard]] std::map<std::string, std::string> quick_cleaning() const override {
    return {{"segment.ms", "500"},
            {"min.cleanable.dirty.ratio", "0.01"},
            {"delete.retention.ms", "100"},
            {"max.compaction.lag.ms", "1000"},
            {"file.delete.delay.ms", "100"}};
  }
  void clean() override {}  // the broker's cleaner comes by itself
  [[nodiscard]] WallTime oldest_stamp() const override { return WallTime{Milliseconds{1}}; }
  [[nodiscard]] Milliseconds patience() const override { return Milliseconds{60'000}; }
  [[nodiscard]] Milliseconds shortest_session() const override { return Milliseconds{6'000}; }

 private:
  std::string m_bootstrap;
  std::unique_ptr<Transport> m_transport;
};

}  // namespace

std::unique_ptr<TransportUnderTest> open_kafka_under_test() {
  const char* bootstrap = std::getenv("KBEAT_TEST_BROKER");
  if (bootstrap == nullptr) {
    throw std::runtime_error("Kafka under test needs KBEAT_TEST_BROKER: start one with ./dev kafka start");
  }
  return std::make_unique<KafkaUnderTest>(bootstrap);
}

std::unique_ptr<Transport> open_kafka_for_process(const std::string& address) {
  if (!address.starts_with(k_scheme)) return nullptr;
  return open_at(address.substr(k_scheme.size()));
}

}  // namespace kbeat::contract
