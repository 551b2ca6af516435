// Records and positions that become visible together or never.
#include <catch2/catch.hpp>

#include "contract/workbench.hpp"

namespace kbeat::contract {
namespace {

constexpr Milliseconds k_timeout{15'000};

class Transactions {
 public:
  Transactions(Workbench& bench, const std::string& id) {
    ProducerOptions options;
    options.transactional_id = id;
    m_producer = bench.transport().make_transactional_producer(options);
  }

  void send(const Record& record) {
    const RecordLoan loan(record);
    REQUIRE(m_producer->send(loan.view(), 1) == Accepted::yes);
  }
  void flush() {
    m_producer->flush(k_timeout, reports);
    CHECK(m_producer->pending() == 0);
  }
  TransactionalProducer& producer() { return *m_producer; }
  std::vector<Delivery> reports;

 private:
  std::unique_ptr<TransactionalProducer> m_producer;
};

std::vector<std::string> values_of(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const Record& record : records) values.push_back(record.value.value_or("null"));
  return values;
}

}  // namespace

TEST_CASE("a committed transaction is read whole, over topics", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName first = bench.make_topic();
  const TopicName second = bench.make_topic();
  Transactions transactions(bench, bench.fresh_name("txn"));
  transactions.producer().begin();
  transactions.send(record_of(first, "k", "1"));
  transactions.send(record_of(second, "k", "2"));
  transactions.send(record_of(first, "k", "3"));
  transactions.producer().commit(k_timeout);
  CHECK(values_of(bench.read_all(first)) == std::vector<std::string>{"1", "3"});
  CHECK(values_of(bench.read_all(second)) == std::vector<std::string>{"2"});
}

TEST_CASE("an aborted transaction is never read and the next one is", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Transactions transactions(bench, bench.fresh_name("txn"));
  transactions.producer().begin();
  transactions.send(record_of(topic, "k", "dropped"));
  transactions.flush();
  transactions.producer().abort(k_timeout);
  transactions.producer().begin();
  transactions.send(record_of(topic, "k", "kept"));
  transactions.producer().commit(k_timeout);
  CHECK(values_of(bench.read_all(topic)) == std::vector<std::string>{"kept"});
}

TEST_CASE("the end lies past aborted records and past the marks of transactions", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Transactions transactions(bench, bench.fresh_name("txn"));
  transactions.producer().begin();
  transactions.send(record_of(topic, "k", "kept"));
  transactions.producer().commit(k_timeout);
  transactions.producer().begin();
  transactions.send(record_of(topic, "k", "dropped"));
  transactions.flush();
  transactions.producer().abort(k_timeout);
  keep_on(bench.under_test().patience(), "the end to be stable", [&] {
    return bench.end_of(topic, 0, LogEnd::last_stable) == bench.end_of(topic, 0, LogEnd::latest);
  });
  const Offset end = bench.end_of(topic, 0);
  Reader reader(bench, {{part(topic, 0), Offset{0}}});
  reader.read_until("the end", [&] { return reader.ends[part(topic, 0)] == end; });
  CHECK(values_of(reader.records) == std::vector<std::string>{"kept"});
}

TEST_CASE("records of an open transaction are not read until it commits", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Transactions transactions(bench, bench.fresh_name("txn"));
  Reader reader(bench, {{part(topic, 0), Offset{0}}});
  transactions.producer().begin();
  transactions.send(record_of(topic, "k", "late"));
  transactions.flush();
  reader.read_until("the end", [&] { return !reader.ends.empty(); });
  for (int i = 0; i < 5; ++i) reader.poll(Milliseconds{50});
  CHECK(reader.records.empty());
  CHECK(bench.end_of(topic, 0, LogEnd::last_stable) == Offset{0});
  transactions.producer().commit(k_timeout);
  reader.read_until("the record", [&] { return !reader.records.empty(); });
  CHECK(values_of(reader.records) == std::vector<std::string>{"late"});
}

TEST_CASE("a new producer of the same transactional id fences the former", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  const std::string id = bench.fresh_name("txn");
  Transactions former(bench, id);
  former.producer().begin();
  former.send(record_of(topic, "k", "zombie"));
  former.flush();
  Transactions latter(bench, id);
  const auto commit_as_zombie = [&] { former.producer().commit(k_timeout); };
  try {
    commit_as_zombie();
    FAIL("the fenced producer committed");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::fenced);
    CHECK_FALSE(error.retryable());
  }
  latter.producer().begin();
  latter.send(record_of(topic, "k", "alive"));
  latter.producer().commit(k_timeout);
  CHECK(values_of(bench.read_all(topic)) == std::vector<std::string>{"alive"});
}

TEST_CASE("positions sent with a transaction are there when it commits, not when it aborts",
          "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  const GroupId group{bench.fresh_name("group")};
  const TopicPartition partition = part(topic, 0);
  Transactions transactions(bench, bench.fresh_name("txn"));
  const auto send_with_position = [&](Offset next) {
    transactions.producer().begin();
    transactions.send(record_of(topic, "k", "v"));
    const CommittedPosition position{partition, next, "mark " + std::to_string(next.get())};
    transactions.producer().send_positions(group, {&position, 1});
  };
  send_with_position(Offset{3});
  transactions.producer().commit(k_timeout);
  send_with_position(Offset{9});
  transactions.producer().abort(k_timeout);
  const auto committed = bench.offsets().committed(group, {&partition, 1});
  REQUIRE(committed.size() == 1);
  CHECK(committed.front().next == Offset{3});
  CHECK(committed.front().metadata == "mark 3");
}

TEST_CASE("every record of a transaction gets exactly one report", "[contract][transaction]") {
  Workbench bench(GENERATE(from_range(transports_under_test())));
  const TopicName topic = bench.make_topic();
  Transactions transactions(bench, bench.fresh_name("txn"));
  transactions.producer().begin();
  for (int i = 0; i < 50; ++i) transactions.send(record_of(topic, "k", std::to_string(i)));
  transactions.flush();
  for (int i = 50; i < 100; ++i) transactions.send(record_of(topic, "k", std::to_string(i)));
  transactions.producer().commit(k_timeout);
  transactions.flush();
  CHECK(transactions.reports.size() == 100);
  for (const Delivery& report : transactions.reports) CHECK_FALSE(report.error.has_value());
  CHECK(bench.read_all(topic).size() == 100);
}

}  // namespace kbeat::contract
