// The transport whose records lie in a ledger on this machine.
#pragma once

#include <string>

#include "kbeat/transport/local/ledger.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::transport::local {

/// Each client that it makes has a ledger of its own from `source`.
class LocalTransport final : public Transport {
 public:
  LocalTransport(TransportKind kind, std::string address, LedgerSource source);

  [[nodiscard]] TransportKind kind() const override { return m_kind; }
  [[nodiscard]] std::unique_ptr<Producer> make_producer(const ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<TransactionalProducer> make_transactional_producer(
      const ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override;
  [[nodiscard]] std::unique_ptr<TopicAdmin> make_topic_admin(Milliseconds timeout) override;
  [[nodiscard]] std::unique_ptr<OffsetAdmin> make_offset_admin(Milliseconds timeout) override;

  /// Retention and compaction now, as `now` has it. Producers do it by themselves from time to time.
  void clean(WallTime now);

 private:
  TransportKind m_kind;
  std::string m_address;
  LedgerSource m_source;
};

}  // namespace kbeat::transport::local
