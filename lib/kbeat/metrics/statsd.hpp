// Sends metrics to a StatsD server, in datagrams that need no answer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/metrics/metric_registry.hpp"

namespace kbeat::metrics {

/// The lines that tell what changed since the last call: counters as differences, gauges as they are, a
/// histogram as its count and the sum of its values in milliseconds or records. Labels become parts of the
/// name.
class StatsdLines {
 public:
  explicit StatsdLines(std::string prefix);
  [[nodiscard]] std::vector<std::string> next(const MetricRegistry& registry);

 private:
  void add_difference(std::vector<std::string>& lines, const std::string& name, double total);

  std::string m_prefix;
  std::map<std::string, double> m_told;
};

/// A UDP socket to `host[:port]` (8125); an IPv6 address with a port has brackets. For one thread.
class StatsdClient {
 public:
  /// Throws Error{configuration} for a host that has no address and a port that is none.
  StatsdClient(const std::string& address, std::string prefix);
  StatsdClient(const StatsdClient&) = delete;
  StatsdClient& operator=(const StatsdClient&) = delete;
  ~StatsdClient();

  /// Datagrams of at most 1432 bytes, which pass an Ethernet unbroken. A server that is away is no error.
  void send(const MetricRegistry& registry);

 private:
  StatsdLines m_lines;
  int m_socket;
};

}  // namespace kbeat::metrics
