// The queue of a local producer when its ledger fails.
#include "kbeat/transport/local/local_producer.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <mutex>

#include "kbeat/transport/local/local_transaction.hpp"
#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::local {
namespace {

/// Errors that the next appends end with, in order.
struct Faults {
  std::mutex mutex;
  std::deque<Error> next;
  int appends = 0;
};

/// Passes everything on to the memory ledger, but for appends that are to fail.
class FaultyRecords final : public RecordLedger {
 public:
  FaultyRecords(RecordLedger& inner, Faults& faults) : m_inner(inner), m_faults(faults) {}

  ProducerStamp enter(const std::string& id) override { return m_inner.enter(id); }
  std::vector<Appended> append(const Append& append) override {
    {
      const std::scoped_lock lock(m_faults.mutex);
      ++m_faults.appends;
      if (!m_faults.next.empty()) {
        const Error error = m_faults.next.front();
        m_faults.next.pop_front();
        throw error;
      }
    }
    return m_inner.append(append);
  }
  std::optional<Fetched> fetch(PartitionKey partition, Offset from, std::size_t bytes) override {
    return m_inner.fetch(partition, from, bytes);
  }
  std::optional<StoredBatch> find_time(PartitionKey partition, WallTime time) override {
    return m_inner.find_time(partition, time);
  }
  Cleaned clean(WallTime now, CleaningEffort effort) override { return m_inner.clean(now, effort); }

 private:
  RecordLedger& m_inner;
  Faults& m_faults;
};

class FaultyLedger final : public Ledger {
 public:
  FaultyLedger(std::shared_ptr<memory::MemoryState> state, Faults& faults)
      : m_inner(std::move(state)), m_records(m_inner.records(), faults) {}

  TopicLedger& topics() override { return m_inner.topics(); }
  RecordLedger& records() override { return m_records; }
  GroupLedger& groups() override { return m_inner.groups(); }
  ChangeSignal& changes() override { return m_inner.changes(); }
  Presence& presence() override { return m_inner.presence(); }

 private:
  memory::MemoryLedger m_inner;
  FaultyRecords m_records;
};

class Bench {
 public:
  LedgerSource source() {
    return [this] { return std::make_unique<FaultyLedger>(m_state, faults); };
  }
  void fail_next(const Error& error) {
    const std::scoped_lock lock(faults.mutex);
    faults.next.push_back(error);
  }
  /// Values in partition 0 of t.
  std::vector<std::string> stored() {
    memory::MemoryLedger ledger(m_state);
    const auto topic = ledger.topics().find(TopicName{"t"});
    if (!topic) return {};
    const auto fetched = ledger.records().fetch(topic->partitions.front(), Offset{0}, 1u << 30);
    std::vector<std::string> values;
    const RecordBatch batch = decode(fetched->batches, {TopicName{"t"}, Partition{0}}, Offset{0});
    for (const RecordView& record : batch.records()) values.emplace_back(*record.value);
    return values;
  }
  Faults faults;

 private:
  std::shared_ptr<memory::MemoryState> m_state = std::make_shared<memory::MemoryState>();
};

void send(Producer& producer, const std::string& value, std::uint64_t tag) {
  Record record;
  record.topic = TopicName{"t"};
  record.value = value;
  const RecordLoan loan(record);
  REQUIRE(producer.send(loan.view(), tag) == Accepted::yes);
}

std::vector<Delivery> flush(Producer& producer) {
  std::vector<Delivery> reports;
  producer.flush(Milliseconds{10'000}, reports);
  CHECK(producer.pending() == 0);
  return reports;
}

const Error k_full_disk(ErrorCode::no_space, "no space left", Retryable::yes);
const Error k_busy(ErrorCode::busy, "locked", Retryable::yes);
const Error k_failing_disk(ErrorCode::io, "cannot sync", Retryable::yes);

}  // namespace

TEST_CASE("a full disk is reported at once for every queued record, and nothing is stored", "[transport]") {
  Bench bench;
  LocalProducer producer(bench.source(), {});
  bench.fail_next(k_full_disk);
  for (std::uint64_t tag = 0; tag < 5; ++tag) send(producer, "lost", tag);
  const std::vector<Delivery> reports = flush(producer);
  REQUIRE(reports.size() == 5);
  for (const Delivery& report : reports) {
    REQUIRE(report.error);
    CHECK(report.error->code() == ErrorCode::no_space);
    CHECK(report.error->retryable());
    CHECK_FALSE(report.possibly_stored);
  }
  CHECK(bench.stored().empty());
  send(producer, "kept", 9);
  CHECK_FALSE(flush(producer).front().error);
  CHECK(bench.stored() == std::vector<std::string>{"kept"});
}

TEST_CASE("a disk that fails may have stored the record all the same", "[transport]") {
  Bench bench;
  LocalProducer producer(bench.source(), {});
  bench.fail_next(k_failing_disk);
  send(producer, "v", 1);
  const std::vector<Delivery> reports = flush(producer);
  REQUIRE(reports.size() == 1);
  CHECK(reports.front().possibly_stored);
}

TEST_CASE("a busy log is tried again without the caller's knowing", "[transport]") {
  Bench bench;
  LocalProducer producer(bench.source(), {});
  bench.fail_next(k_busy);
  bench.fail_next(k_busy);
  send(producer, "v", 1);
  CHECK_FALSE(flush(producer).front().error);
  CHECK(bench.faults.appends == 3);
  CHECK(bench.stored() == std::vector<std::string>{"v"});
}

TEST_CASE("a log that stays busy is reported once the message's time is over", "[transport]") {
  Bench bench;
  ProducerOptions options;
  options.message_timeout = Milliseconds{50};
  LocalProducer producer(bench.source(), options);
  for (int i = 0; i < 1'000; ++i) bench.fail_next(k_busy);
  send(producer, "v", 1);
  const std::vector<Delivery> reports = flush(producer);
  REQUIRE(reports.size() == 1);
  CHECK(reports.front().error->code() == ErrorCode::busy);
  CHECK_FALSE(reports.front().possibly_stored);
}

TEST_CASE("a transaction whose commit failed can be committed again and is stored once", "[transport]") {
  Bench bench;
  ProducerOptions options;
  options.transactional_id = "id";
  LocalTransactionalProducer producer(bench.source(), options);
  producer.begin();
  send(producer, "v", 1);
  bench.fail_next(k_full_disk);
  CHECK_THROWS_AS(producer.commit(Milliseconds{1'000}), Error);
  CHECK(bench.stored().empty());
  producer.commit(Milliseconds{1'000});
  CHECK(bench.stored() == std::vector<std::string>{"v"});
  CHECK(flush(producer).size() == 1);
}

TEST_CASE("a transaction is begun before it is used", "[transport]") {
  Bench bench;
  ProducerOptions options;
  options.transactional_id = "id";
  LocalTransactionalProducer producer(bench.source(), options);
  CHECK_THROWS_AS(producer.commit(Milliseconds{0}), Error);
  CHECK_THROWS_AS(producer.abort(Milliseconds{0}), Error);
  producer.begin();
  CHECK_THROWS_AS(producer.begin(), Error);
}

}  // namespace kbeat::transport::local
