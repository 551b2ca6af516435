// From settings to clients, and what is said about settings once.
#include "kbeat/transport/kafka/kafka_transport.hpp"

#include <algorithm>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/transport/kafka/kafka_consumer.hpp"
#include "kbeat/transport/kafka/kafka_offset_admin.hpp"
#include "kbeat/transport/kafka/kafka_producer.hpp"
#include "kbeat/transport/kafka/kafka_topic_admin.hpp"

namespace kbeat::transport {
namespace {

constexpr Milliseconds k_fencing_limit{30'000};
const char* const k_plain_client_id = "kbeat";

/// Options that leave the client id alone get the transport's.
template <typename Options>
Options named(Options options, const std::string& client_id) {
  if (options.client_id == k_plain_client_id) options.client_id = client_id;
  return options;
}

}  // namespace

KafkaTransport::KafkaTransport(config::KafkaSettings settings, std::string client_id,
                               std::shared_ptr<TokenSource> tokens)
    : m_settings(std::move(settings)), m_client_id(std::move(client_id)), m_tokens(std::move(tokens)) {
  const bool named_by_property =
      std::any_of(m_settings.properties.begin(), m_settings.properties.end(), [](const auto& property) {
        return property.first == "bootstrap.servers" || property.first == "metadata.broker.list";
      });
  if (m_settings.brokers.empty() && !named_by_property) {
    throw Error(ErrorCode::configuration, "no Kafka brokers are named; give --brokers HOST:PORT");
  }
  tell_what_does_not_count();
}

void KafkaTransport::tell_what_does_not_count() {
  for (const auto& [name, value] : m_settings.properties) {
    if (const auto reason = why_reserved(name); !reason.empty()) {
      log_warning("Kafka property {} is passed over: {}", escape_for_terminal(name, 120), reason);
    }
  }
}

std::unique_ptr<Producer> KafkaTransport::make_producer(const ProducerOptions& options) {
  if (asks_for_fewer_acks(m_settings) && options.sends == Sends::outbox_rows) {
    throw Error(ErrorCode::configuration,
                "what kbeat owes is sent with acks=all only; take the property acks out");
  }
  return std::make_unique<KafkaProducer>(
      ClientParts{producer_properties(m_settings, named(options, m_client_id)), m_tokens});
}

std::unique_ptr<TransactionalProducer> KafkaTransport::make_transactional_producer(
    const ProducerOptions& options) {
  if (asks_for_fewer_acks(m_settings)) {
    throw Error(ErrorCode::configuration, "a transaction needs acks=all; take the property acks out");
  }
  if (options.transactional_id.empty()) {
    throw Error(ErrorCode::internal, "a transactional producer needs a transactional id");
  }
  const Milliseconds limit = options.message_timeout.count() > 0
                                 ? std::min(options.message_timeout, k_fencing_limit)
                                 : k_fencing_limit;
  return std::make_unique<KafkaTransactionalProducer>(
      ClientParts{producer_properties(m_settings, named(options, m_client_id)), m_tokens}, limit);
}

std::unique_ptr<Consumer> KafkaTransport::make_consumer(const ConsumerOptions& options) {
  const ConsumerOptions own = named(options, m_client_id);
  return std::make_unique<KafkaConsumer>(ClientParts{consumer_properties(m_settings, own), m_tokens}, own);
}

std::unique_ptr<TopicAdmin> KafkaTransport::make_topic_admin(Milliseconds timeout) {
  return std::make_unique<KafkaTopicAdmin>(
      ClientParts{admin_properties(m_settings, Isolation::read_committed, m_client_id), m_tokens}, timeout);
}

std::unique_ptr<OffsetAdmin> KafkaTransport::make_offset_admin(Milliseconds timeout) {
  Properties committed = admin_properties(m_settings, Isolation::read_committed, m_client_id);
  // Without a group of its own, librdkafka (2.0.2 at least) follows a null pointer when a broker that is new
  // answers a look at positions with "not coordinator".
  committed.emplace_back("group.id", "kbeat-without-group");
  return std::make_unique<KafkaOffsetAdmin>(
      ClientParts{committed, m_tokens},
      ClientParts{admin_properties(m_settings, Isolation::read_uncommitted, m_client_id), m_tokens}, timeout);
}

}  // namespace kbeat::transport
