// Makes the clients of a local transport.
#include "kbeat/transport/local/local_transport.hpp"

#include <utility>

#include "kbeat/transport/local/local_admin.hpp"
#include "kbeat/transport/local/local_consumer.hpp"
#include "kbeat/transport/local/local_producer.hpp"
#include "kbeat/transport/local/local_transaction.hpp"

namespace kbeat::transport::local {

LocalTransport::LocalTransport(TransportKind kind, std::string address, LedgerSource source)
    : m_kind(kind), m_address(std::move(address)), m_source(std::move(source)) {}

std::unique_ptr<Producer> LocalTransport::make_producer(const ProducerOptions& options) {
  return std::make_unique<LocalProducer>(m_source, options);
}

std::unique_ptr<TransactionalProducer> LocalTransport::make_transactional_producer(
    const ProducerOptions& options) {
  return std::make_unique<LocalTransactionalProducer>(m_source, options);
}

std::unique_ptr<Consumer> LocalTransport::make_consumer(const ConsumerOptions& options) {
  return std::make_unique<LocalConsumer>(m_source(), options);
}

// Calls on a ledger are bounded by its own lock time-out, so the admins need none.
std::unique_ptr<TopicAdmin> LocalTransport::make_topic_admin(Milliseconds /*timeout*/) {
  return std::make_unique<LocalTopicAdmin>(m_source(), m_address);
}

std::unique_ptr<OffsetAdmin> LocalTransport::make_offset_admin(Milliseconds /*timeout*/) {
  return std::make_unique<LocalOffsetAdmin>(m_source());
}

void LocalTransport::clean(WallTime now) {
  while (m_source()->records().clean(now, CleaningEffort::everything) == Cleaned::more_is_left) {
  }
}

}  // namespace kbeat::transport::local
