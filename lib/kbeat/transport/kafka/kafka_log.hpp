// Carries librdkafka's own log lines into kbeat's, at most so many in a while.
#pragma once

#include <cstdint>

#include "kbeat/base/clock.hpp"
#include "kbeat/transport/kafka/handles.hpp"
#include "kbeat/transport/kafka/kafka_secrets.hpp"

namespace kbeat::transport {

/// Debug lines all: what matters among them arrives as an error event too, where it is told in our words.
/// A stalled broker makes librdkafka write many: past 20 in 10 s they are only counted.
class KafkaLog {
 public:
  void forward(rd_kafka_event_t& event, const Secrets& secrets);

 private:
  [[nodiscard]] bool admit(SteadyTime now);

  SteadyTime m_window_start{};
  int m_in_window = 0;
  std::uint64_t m_suppressed = 0;
};

}  // namespace kbeat::transport
