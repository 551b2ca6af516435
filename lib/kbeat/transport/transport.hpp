// A place where records live: makes producers, consumers and the admins.
#pragma once

#include <memory>
#include <string>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/producer.hpp"

namespace kbeat::transport {

enum class TransportKind { kafka, embedded, memory };

/// Safe to call from any thread; what it makes is for one thread each and must not outlive it.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  [[nodiscard]] virtual TransportKind kind() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Producer> make_producer(const ProducerOptions& options) = 0;
  /// Fences former producers of the transactional id; throws Error{unreachable …} when that fails in time.
  [[nodiscard]] virtual std::unique_ptr<TransactionalProducer> make_transactional_producer(
      const ProducerOptions& options) = 0;
  [[nodiscard]] virtual std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) = 0;
  [[nodiscard]] virtual std::unique_ptr<TopicAdmin> make_topic_admin(Milliseconds timeout) = 0;
  [[nodiscard]] virtual std::unique_ptr<OffsetAdmin> make_offset_admin(Milliseconds timeout) = 0;
};

}  // namespace kbeat::transport
