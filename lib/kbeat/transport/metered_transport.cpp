// Producers and consumers that count: each record sent is timed from its hand-over to its report.
#include "kbeat/transport/metered_transport.hpp"

#include <unordered_map>
#include <utility>

namespace kbeat::transport {
namespace {

/// Remembers when each record was handed over; the caller's tags need not differ, so it has tags of its own.
class SendTimes {
 public:
  explicit SendTimes(metrics::Families& families) : m_families(families) {}

  std::uint64_t begin(std::uint64_t tag) {
    m_sent.emplace(++m_last, Sent{tag, std::chrono::steady_clock::now()});
    return m_last;
  }
  void refused(std::uint64_t own) { m_sent.erase(own); }

  /// Counts the reports from `first` on and gives them the caller's tags back.
  void settle(std::vector<Delivery>& reports, std::size_t first) {
    if (reports.size() == first) return;
    const SteadyTime now = std::chrono::steady_clock::now();
    std::size_t acknowledged = 0;
    for (std::size_t i = first; i < reports.size(); ++i) {
      const auto sent = m_sent.extract(reports[i].tag);
      if (sent.empty()) continue;
      reports[i].tag = sent.mapped().tag;
      if (reports[i].error) {
        m_families.failed.add();
        continue;
      }
      ++acknowledged;
      m_families.send_duration.observe(now - sent.mapped().time);
    }
    m_families.sent.add(acknowledged);
    if (acknowledged > 0) m_families.send_batch.observe(static_cast<double>(acknowledged));
  }

 private:
  struct Sent {
    std::uint64_t tag;
    SteadyTime time;
  };
  metrics::Families& m_families;
  std::unordered_map<std::uint64_t, Sent> m_sent;
  std::uint64_t m_last = 0;
};

/// What producers with and without transactions have in common.
template <typename Base>
class Metered : public Base {
 public:
  Metered(std::unique_ptr<Base> inner, metrics::Families& families)
      : m_inner(std::move(inner)), m_times(families) {}

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag) override {
    const std::uint64_t own = m_times.begin(tag);
    try {
      const Accepted accepted = m_inner->send(record, own);
      if (accepted != Accepted::yes) m_times.refused(own);
      return accepted;
    } catch (const Error&) {
      m_times.refused(own);
      throw;
    }
  }
  void poll(Milliseconds timeout, std::vector<Delivery>& reports) override {
    const std::size_t first = reports.size();
    m_inner->poll(timeout, reports);
    m_times.settle(reports, first);
  }
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override {
    const std::size_t first = reports.size();
    m_inner->flush(timeout, reports);
    m_times.settle(reports, first);
  }
  [[nodiscard]] std::size_t pending() const override { return m_inner->pending(); }

 protected:
  std::unique_ptr<Base> m_inner;

 private:
  SendTimes m_times;
};

class MeteredTransactions final : public Metered<TransactionalProducer> {
 public:
  using Metered::Metered;
  void begin() override { m_inner->begin(); }
  void send_positions(const GroupId& group, std::span<const CommittedPosition> positions) override {
    m_inner->send_positions(group, positions);
  }
  void commit(Milliseconds timeout) override { m_inner->commit(timeout); }
  void abort(Milliseconds timeout) override { m_inner->abort(timeout); }
};

class MeteredConsumer final : public Consumer {
 public:
  MeteredConsumer(std::unique_ptr<Consumer> inner, metrics::Families& families)
      : m_inner(std::move(inner)), m_families(families) {}

  [[nodiscard]] ConsumerEvent poll(Milliseconds timeout) override {
    ConsumerEvent event = m_inner->poll(timeout);
    if (const auto* batch = std::get_if<RecordBatch>(&event))
      m_families.consumed.add(batch->records().size());
    return event;
  }
  void start(std::span<const Position> positions) override { m_inner->start(positions); }
  void release(std::span<const TopicPartition> partitions) override { m_inner->release(partitions); }
  void set_flow(std::span<const TopicPartition> partitions, Flow flow) override {
    m_inner->set_flow(partitions, flow);
  }
  void commit(std::span<const CommittedPosition> positions, Milliseconds timeout) override {
    m_inner->commit(positions, timeout);
  }

 private:
  std::unique_ptr<Consumer> m_inner;
  metrics::Families& m_families;
};

class MeteredTransport final : public Transport {
 public:
  MeteredTransport(Transport& inner, metrics::Families& families) : m_inner(inner), m_families(families) {}

  [[nodiscard]] TransportKind kind() const override { return m_inner.kind(); }
  [[nodiscard]] std::unique_ptr<Producer> make_producer(const ProducerOptions& options) override {
    return std::make_unique<Metered<Producer>>(m_inner.make_producer(options), m_families);
  }
  [[nodiscard]] std::unique_ptr<TransactionalProducer> make_transactional_producer(
      const ProducerOptions& options) override {
    return std::make_unique<MeteredTransactions>(m_inner.make_transactional_producer(options), m_families);
  }
  [[nodiscard]] std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override {
    return std::make_unique<MeteredConsumer>(m_inner.make_consumer(options), m_families);
  }
  [[nodiscard]] std::unique_ptr<TopicAdmin> make_topic_admin(Milliseconds timeout) override {
    return m_inner.make_topic_admin(timeout);
  }
  [[nodiscard]] std::unique_ptr<OffsetAdmin> make_offset_admin(Milliseconds timeout) override {
    return m_inner.make_offset_admin(timeout);
  }

 private:
  Transport& m_inner;
  metrics::Families& m_families;
};

}  // namespace

std::unique_ptr<Transport> make_metered_transport(Transport& inner, metrics::Families& families) {
  return std::make_unique<MeteredTransport>(inner, families);
}

}  // namespace kbeat::transport
