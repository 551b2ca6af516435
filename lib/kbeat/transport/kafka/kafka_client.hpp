// One librdkafka client with the queue that its events come from, and what is known about its brokers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/transport/kafka/client_properties.hpp"
#include "kbeat/transport/kafka/handles.hpp"
#include "kbeat/transport/kafka/kafka_log.hpp"
#include "kbeat/transport/kafka/kafka_secrets.hpp"
#include "kbeat/transport/kafka/token_refresh.hpp"

namespace kbeat::transport {

/// Used by one thread (librdkafka has its own, which call into nothing of ours but TokenRefresh: everything
/// else comes as an event).
/// Opens no connection before it is used.
class KafkaClient {
 public:
  /// Throws Error{configuration} when librdkafka refuses the properties, alone or together.
  KafkaClient(rd_kafka_type_t type, const ClientParts& parts);
  KafkaClient(const KafkaClient&) = delete;
  KafkaClient& operator=(const KafkaClient&) = delete;
  /// Waits for librdkafka's threads up to 10 s.
  ~KafkaClient();

  [[nodiscard]] rd_kafka_t* get() const { return m_client.get(); }
  [[nodiscard]] rd_kafka_queue_t* queue() const { return m_queue.get(); }

  /// The next event, or null after `timeout`.
  [[nodiscard]] EventHandle poll(Milliseconds timeout);

  /// Logs a log event; remembers an error event and returns it when somebody must hear of it.
  [[nodiscard]] std::optional<Error> absorb(rd_kafka_event_t& event);
  /// Absorbs all that waits on the queue of a client that neither produces nor consumes.
  void absorb_waiting();

  /// The error of a call, with what is known about the brokers when it comes from not reaching them.
  [[nodiscard]] Error error(rd_kafka_resp_err_t code, std::string_view doing) const;
  [[nodiscard]] Error error(const rd_kafka_error_t& error, std::string_view doing) const;

  /// Set once the brokers refused the credentials: waiting is of no use then.
  [[nodiscard]] const std::optional<Error>& refused() const { return m_refused; }
  /// Set once librdkafka gave the client up.
  [[nodiscard]] const std::optional<Error>& fatal() const { return m_fatal; }
  /// No connection to any broker stands; librdkafka goes on trying.
  [[nodiscard]] bool all_down() const { return m_all_down; }
  /// A broker answered: what was known about not getting to them is over.
  void note_success() {
    m_trouble.clear();
    m_refused.reset();
    m_all_down = false;
  }
  /// A topic that was read is gone: librdkafka (2.0.2 at least) then never finishes its end, so waiting is
  /// cut short.
  void note_topic_gone();

 private:
  [[nodiscard]] Error unreachable(std::string_view doing) const;
  [[nodiscard]] Error fatal_error() const;
  [[nodiscard]] std::optional<Error> refusal(rd_kafka_resp_err_t code, const std::string& reason);

  Secrets m_secrets;
  std::string m_brokers;
  std::shared_ptr<TokenRefresh> m_tokens;  ///< null: none are used
  ClientHandle m_client;
  QueueHandle m_queue;
  KafkaLog m_log;
  std::string m_trouble;  ///< why the last connection failed
  bool m_all_down = false;
  std::optional<Error> m_refused;
  std::optional<Error> m_fatal;
  Milliseconds m_end_limit{10'000};
};

/// Milliseconds as librdkafka takes them.
[[nodiscard]] int to_int(Milliseconds duration);

}  // namespace kbeat::transport
