// The transports that the contract suite runs against, and what differs between them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kbeat/transport/transport.hpp"

namespace kbeat::contract {

using transport::Transport;

/// Opens one transport for one test case; its topics are the case's own.
class TransportUnderTest {
 public:
  TransportUnderTest() = default;
  TransportUnderTest(const TransportUnderTest&) = delete;
  TransportUnderTest& operator=(const TransportUnderTest&) = delete;
  virtual ~TransportUnderTest() = default;

  [[nodiscard]] virtual Transport& transport() = 0;
  /// What another process opens the same transport with (open_for_process); empty when none can.
  [[nodiscard]] virtual std::string address() const = 0;
  /// Settings beside cleanup.policy and retention that make a topic be cleaned within seconds.
  [[nodiscard]] virtual std::map<std::string, std::string> quick_cleaning() const = 0;
  /// Cleans now, where that can be asked for; otherwise the transport does it by itself in the end.
  virtual void clean() = 0;
  /// The oldest stamp that a record can keep: librdkafka takes 0 for "now".
  [[nodiscard]] virtual WallTime oldest_stamp() const { return WallTime{}; }
  /// How long to wait at most for what should happen.
  [[nodiscard]] virtual Milliseconds patience() const = 0;
  /// The shortest session of a group's member that it allows.
  [[nodiscard]] virtual Milliseconds shortest_session() const = 0;
};

/// The names in KBEAT_TEST_TRANSPORTS (memory, embedded, kafka, separated by commas; default memory and
/// embedded). Kafka's bootstrap address is in KBEAT_TEST_BROKER.
[[nodiscard]] std::vector<std::string> transports_under_test();

/// Those that other processes can open as well.
[[nodiscard]] std::vector<std::string> shared_transports_under_test();

/// Throws std::runtime_error when the transport cannot be had.
[[nodiscard]] std::unique_ptr<TransportUnderTest> open_under_test(const std::string& name);

/// Opens what `address` names, in another process.
[[nodiscard]] std::unique_ptr<Transport> open_for_process(const std::string& address);

}  // namespace kbeat::contract
