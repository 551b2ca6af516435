// Rate limit of librdkafka's log lines.
#include "kbeat/transport/kafka/kafka_log.hpp"

#include <chrono>

#include "kbeat/base/log.hpp"

namespace kbeat::transport {
namespace {

constexpr int k_most_lines = 20;
constexpr std::chrono::seconds k_window{10};

}  // namespace

bool KafkaLog::admit(SteadyTime now) {
  if (now - m_window_start > k_window) {
    if (m_suppressed > 0) log_debug("librdkafka: {} more lines were left out", m_suppressed);
    m_window_start = now;
    m_in_window = 0;
    m_suppressed = 0;
  }
  if (++m_in_window <= k_most_lines) return true;
  ++m_suppressed;
  return false;
}

void KafkaLog::forward(rd_kafka_event_t& event, const Secrets& secrets) {
  const char* facility = nullptr;
  const char* text = nullptr;
  int syslog_level = 0;
  if (rd_kafka_event_log(&event, &facility, &text, &syslog_level) != 0) return;
  if (!log_enabled(LogLevel::debug) || !admit(std::chrono::steady_clock::now())) return;
  log_debug("librdkafka: {}: {}", facility, secrets.hide(text));
}

}  // namespace kbeat::transport
