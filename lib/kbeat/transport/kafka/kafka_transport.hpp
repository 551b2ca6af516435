// Kafka as a transport: makes clients from settings.
#pragma once

#include <memory>
#include <string>

#include "kbeat/config/settings.hpp"
#include "kbeat/transport/token_source.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::transport {

class KafkaTransport final : public Transport {
 public:
  /// Throws Error{configuration} when no brokers are named.
  KafkaTransport(config::KafkaSettings settings, std::string client_id,
                 std::shared_ptr<TokenSource> tokens = nullptr);

  [[nodiscard]] TransportKind kind() const override { return TransportKind::kafka; }
  [[nodiscard]] std::unique_ptr<Producer> make_producer(const ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<TransactionalProducer> make_transactional_producer(
      const ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override;
  [[nodiscard]] std::unique_ptr<TopicAdmin> make_topic_admin(Milliseconds timeout) override;
  [[nodiscard]] std::unique_ptr<OffsetAdmin> make_offset_admin(Milliseconds timeout) override;

 private:
  void tell_what_does_not_count();

  config::KafkaSettings m_settings;
  std::string m_client_id;
  std::shared_ptr<TokenSource> m_tokens;
};

}  // namespace kbeat::transport
