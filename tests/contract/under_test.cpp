// Opens memory, embedded log and Kafka for the contract suite.
#include "contract/under_test.hpp"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include "contract/kafka_under_test.hpp"
#include "kbeat/transport/log/open_log.hpp"
#include "kbeat/transport/memory/memory_transport.hpp"
#include "support/temp_dir.hpp"

namespace kbeat::contract {
namespace {

constexpr Milliseconds k_local_patience{20'000};
constexpr Milliseconds k_local_session{2'000};

WallTime now() {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

class MemoryUnderTest final : public TransportUnderTest {
 public:
  [[nodiscard]] Transport& transport() override { return *m_transport; }
  [[nodiscard]] std::string address() const override { return {}; }
  [[nodiscard]] std::map<std::string, std::string> quick_cleaning() const override { return {}; }
  void clean() override { m_transport->clean(now()); }
  [[nodiscard]] Milliseconds patience() const override { return k_local_patience; }
  [[nodiscard]] Milliseconds shortest_session() const override { return k_local_session; }

 private:
  std::unique_ptr<transport::local::LocalTransport> m_transport = transport::memory::make_memory_transport();
};

class EmbeddedUnderTest final : public TransportUnderTest {
 public:
  [[nodiscard]] Transport& transport() override { return *m_transport; }
  [[nodiscard]] std::string address() const override { return m_dir.path().string(); }
  [[nodiscard]] std::map<std::string, std::string> quick_cleaning() const override { return {}; }
  void clean() override { m_transport->clean(now()); }
  [[nodiscard]] Milliseconds patience() const override { return k_local_patience; }
  [[nodiscard]] Milliseconds shortest_session() const override { return k_local_session; }

 private:
  test::TempDir m_dir;
  std::unique_ptr<transport::local::LocalTransport> m_transport = transport::open_embedded_log(m_dir.path());
};

}  // namespace

std::vector<std::string> transports_under_test() {
  const char* chosen = std::getenv("KBEAT_TEST_TRANSPORTS");
  std::istringstream names(chosen != nullptr ? chosen : "memory,embedded");
  std::vector<std::string> transports;
  for (std::string name; std::getline(names, name, ',');) transports.push_back(name);
  return transports;
}

std::vector<std::string> shared_transports_under_test() {
  std::vector<std::string> transports = transports_under_test();
  std::erase(transports, "memory");
  return transports;
}

std::unique_ptr<TransportUnderTest> open_under_test(const std::string& name) {
  if (name == "memory") return std::make_unique<MemoryUnderTest>();
  if (name == "embedded") return std::make_unique<EmbeddedUnderTest>();
  if (name == "kafka") return open_kafka_under_test();
  throw std::runtime_error("KBEAT_TEST_TRANSPORTS names \"" + name + "\": use memory, embedded or kafka");
}

std::unique_ptr<Transport> open_for_process(const std::string& address) {
  if (auto kafka = open_kafka_for_process(address)) return kafka;
  return transport::open_embedded_log(address);
}

}  // namespace kbeat::contract
