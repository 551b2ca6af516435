// The embedded log as a file: what opens it, what fills it, what damages it, what it stores once.
#include <sys/stat.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/transport/log/log_ledger.hpp"
#include "kbeat/transport/log/log_schema.hpp"
#include "kbeat/transport/log/open_log.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

namespace kbeat::transport {
namespace {

using test::SmallDisk;
using test::TempDir;

Record record_of(const std::string& topic, const std::string& value, int partition = 0) {
  Record record;
  record.topic = TopicName{topic};
  record.partition = Partition{partition};
  record.key = "k";
  record.value = value;
  return record;
}

std::vector<Delivery> send_all(Transport& transport, const std::vector<Record>& records,
                               Sends sends = Sends::records) {
  ProducerOptions options;
  options.sends = sends;
  const auto producer = transport.make_producer(options);
  std::vector<Delivery> reports;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordLoan loan(records[i]);
    REQUIRE(producer->send(loan.view(), i) == Accepted::yes);
  }
  producer->flush(Milliseconds{10'000}, reports);
  REQUIRE(reports.size() == records.size());
  return reports;
}

/// What lies in partition 0, up to its end.
std::vector<std::string> values_in(Transport& transport, const std::string& topic) {
  const auto consumer = transport.make_consumer({});
  const Position first{{TopicName{topic}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  std::vector<std::string> values;
  for (;;) {
    const ConsumerEvent event = consumer->poll(Milliseconds{5'000});
    if (std::holds_alternative<EndReached>(event)) return values;
    REQUIRE(std::holds_alternative<RecordBatch>(event));
    for (const RecordView& record : std::get<RecordBatch>(event).records())
      values.emplace_back(*record.value);
  }
}

sqlite::Database open_raw(const std::filesystem::path& folder) {
  return sqlite::Database(folder / "log.db", {.access = sqlite::Access::read_write,
                                              .application_id = log::k_application_id,
                                              .purpose = "log",
                                              .network_disks = sqlite::NetworkDisks::refused,
                                              .patience = Milliseconds{5000}});
}

void change_raw(const std::filesystem::path& folder, const std::string& sql) {
  sqlite::Database database = open_raw(folder);
  sqlite::Transaction transaction(database);
  database.execute(sql.c_str());
  transaction.commit();
}

std::unique_ptr<local::NewBatch> batch_for(local::PartitionKey partition, const std::string& value) {
  local::BatchWriter writer;
  const Record record = record_of("t", value);
  const RecordLoan loan(record);
  writer.add(loan.view(), 0);
  auto batch = std::make_unique<local::NewBatch>();
  batch->partition = partition;
  batch->records = 1;
  batch->bytes = std::make_shared<const std::string>(writer.finish());
  return batch;
}

}  // namespace

TEST_CASE("a new log has an id that stays, in a directory of its owner's", "[log]") {
  const TempDir dir;
  const auto id_of = [&] {
    return open_embedded_log(dir / "data")->make_topic_admin(Milliseconds{1000})->cluster().id;
  };
  const std::string id = id_of();
  CHECK(id.starts_with("embedded-"));
  CHECK(id.size() == std::string("embedded-").size() + 16);
  CHECK(id_of() == id);
  struct stat status {};
  REQUIRE(stat((dir / "data").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("a log that lost what it held is not taken for a new one", "[log]") {
  const TempDir dir;
  const std::filesystem::path file = dir / "log.db";
  std::ofstream(file).close();  // as a first start leaves it that is killed at once
  send_all(*open_embedded_log(dir.path()), {record_of("t", "1")});
  std::filesystem::resize_file(file, 0);
  const auto refused = test::thrown_by([&] { static_cast<void>(open_embedded_log(dir.path())); });
  REQUIRE(refused);
  CHECK(refused->code() == ErrorCode::database);
  CHECK_THAT(refused->what(), Catch::Contains("log.db is empty"));
  CHECK(std::filesystem::file_size(file) == 0);
  std::filesystem::remove(file);
  CHECK_NOTHROW(open_embedded_log(dir.path()));
}

TEST_CASE("first starts at one time make one log", "[log]") {
  const TempDir dir;
  const bool another_was_removed = GENERATE(false, true);
  if (another_was_removed) {
    static_cast<void>(open_embedded_log(dir.path()));
    std::filesystem::remove(dir / "log.db");
  }
  std::vector<std::string> ids(8);
  {
    std::vector<std::jthread> starts;
    for (std::string& id : ids) {
      starts.emplace_back(
          [&] { id = open_embedded_log(dir.path())->make_topic_admin(Milliseconds{1000})->cluster().id; });
    }
  }
  CHECK(std::count(ids.begin(), ids.end(), ids.front()) == 8);
}

TEST_CASE("records outlive the processes that wrote them", "[log]") {
  const TempDir dir;
  send_all(*open_embedded_log(dir.path()), {record_of("t", "1"), record_of("t", "2")});
  send_all(*open_embedded_log(dir.path()), {record_of("t", "3")});
  CHECK(values_in(*open_embedded_log(dir.path()), "t") == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("a log of a newer version is refused and left alone", "[log]") {
  const TempDir dir;
  static_cast<void>(open_embedded_log(dir.path()));
  change_raw(dir.path(), "PRAGMA user_version=99");
  const auto error = test::thrown_by([&] { static_cast<void>(open_embedded_log(dir.path())); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::database);
  CHECK_THAT(error->what(), Catch::Contains("version 99"));
}

TEST_CASE("a topic of the table is made on first use with its partitions", "[log]") {
  const TempDir dir;
  const auto transport = open_embedded_log(dir.path());
  send_all(*transport, {record_of("quiz-events", "v", 2), record_of("anything", "v")});
  const auto admin = transport->make_topic_admin(Milliseconds{1000});
  CHECK(admin->topic(TopicName{"quiz-events"}).partitions.size() == 3);
  CHECK(admin->topic(TopicName{"anything"}).partitions.size() == 1);
}

TEST_CASE("15: an outbox row is stored once, whoever sends it", "[log]") {
  const TempDir dir;
  const auto transport = open_embedded_log(dir.path());
  const auto row = [](const std::string& store, int sequence) {
    Record record = record_of("t", store + std::to_string(sequence));
    record.headers = {{"kbeat.outbox", store + "/" + std::to_string(sequence)}};
    return record;
  };
  send_all(*transport, {row("a", 1), row("a", 2), row("b", 1)}, Sends::outbox_rows);
  const std::vector<Delivery> again =
      send_all(*transport, {row("a", 2), row("a", 3), row("a", 3)}, Sends::outbox_rows);
  CHECK_FALSE(again[0].error);
  CHECK(again[0].offset == Offset{-1});
  CHECK(again[1].offset.get() >= 3);
  CHECK(again[2].offset == Offset{-1});
  CHECK(values_in(*transport, "t") == std::vector<std::string>{"a1", "a2", "b1", "a3"});
  CHECK(send_all(*transport, {row("a", 1)}).front().offset.get() > 0);
  CHECK(values_in(*transport, "t").back() == "a1");
}

TEST_CASE("an append that is repeated is stored once", "[log]") {
  const TempDir dir;
  log::LogLedger ledger(dir / "log.db");
  ledger.topics().create({.topic = TopicName{"t"}, .partitions = 1, .replication = -1, .config = {}});
  const local::PartitionKey partition = ledger.topics().find(TopicName{"t"})->partitions.front();
  const auto batch = batch_for(partition, "v");
  local::Append append{
      .producer = ledger.records().enter(""), .sequence = 1, .batches = {batch.get(), 1}, .positions = {}};
  CHECK(ledger.records().append(append).front().fate == local::Appended::Fate::stored);
  CHECK(ledger.records().append(append).front().fate == local::Appended::Fate::stored_before);
  append.sequence = 2;
  CHECK(ledger.records().append(append).front().base == Offset{1});
  CHECK(ledger.records().fetch(partition, Offset{0}, 1)->next == Offset{2});
}

TEST_CASE("a damaged batch is a problem, not fewer records", "[log]") {
  const TempDir dir;
  const auto transport = open_embedded_log(dir.path());
  send_all(*transport, {record_of("t", "precious")});
  change_raw(dir.path(),
             "UPDATE batches SET data = CAST(replace(CAST(data AS TEXT), 'precious', 'perverse') AS BLOB)");
  change_raw(dir.path(), "UPDATE batches SET data = substr(data, 1, length(data) - 1) || x'00'");
  const auto consumer = transport->make_consumer({});
  const Position first{{TopicName{"t"}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  const ConsumerEvent event = consumer->poll(Milliseconds{1'000});
  const auto* problem = std::get_if<Problem>(&event);
  REQUIRE(problem != nullptr);
  CHECK(problem->error.code() == ErrorCode::database);
  CHECK_FALSE(problem->error.retryable());
  CHECK_THAT(problem->error.what(), Catch::Contains("t[0]"));
  CHECK(std::holds_alternative<Idle>(consumer->poll(Milliseconds{10})));
}

TEST_CASE("a full disk is reported for each record and the log goes on once there is room", "[log]") {
  SmallDisk disk("3m");
  const auto transport = open_embedded_log(disk.path());
  std::vector<std::string> stored;
  bool is_full = false;
  for (int i = 0; i < 200 && !is_full; ++i) {
    const std::string value = std::to_string(i) + std::string(50'000, 'x');
    const Delivery report = send_all(*transport, {record_of("t", value)}).front();
    if (!report.error) {
      stored.push_back(value);
      continue;
    }
    is_full = true;
    CHECK(report.error->code() == ErrorCode::no_space);
    CHECK(report.error->retryable());
    CHECK_FALSE(report.possibly_stored);
  }
  REQUIRE(is_full);
  disk.resize("64m");
  CHECK(values_in(*transport, "t") == stored);
  send_all(*transport, {record_of("t", "after")});
  stored.emplace_back("after");
  CHECK(values_in(*transport, "t") == stored);
}

TEST_CASE("a waiting reader gets a record of another connection within 20 ms", "[log]") {
  const TempDir dir;
  const auto transport = open_embedded_log(dir.path());
  const auto consumer = transport->make_consumer({});
  const Position first{{TopicName{"t"}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  REQUIRE(std::holds_alternative<EndReached>(consumer->poll(Milliseconds{1'000})));
  std::vector<Milliseconds> delays;
  for (int i = 0; i < 9; ++i) {
    std::chrono::steady_clock::time_point stored;
    std::jthread writer([&] {
      send_all(*transport, {record_of("t", "v")});
      stored = std::chrono::steady_clock::now();
    });
    while (!std::holds_alternative<RecordBatch>(consumer->poll(Milliseconds{5'000}))) {
    }
    const auto read = std::chrono::steady_clock::now();
    writer.join();
    delays.push_back(std::chrono::duration_cast<Milliseconds>(read - stored));
  }
  // The best of them: a busy machine may delay any.
  CHECK(*std::min_element(delays.begin(), delays.end()) < Milliseconds{20});
}

TEST_CASE("the space of a deleted topic is used again", "[log]") {
  const TempDir dir;
  const auto transport = open_embedded_log(dir.path());
  const auto admin = transport->make_topic_admin(Milliseconds{1000});
  for (int round = 0; round < 5; ++round) {
    std::vector<Record> records;
    for (int i = 0; i < 40; ++i) records.push_back(record_of("t", std::string(100'000, 'x')));
    send_all(*transport, records);
    admin->remove(TopicName{"t"});
  }
  sqlite::Database database = open_raw(dir.path());
  CHECK(database.integer("SELECT count(*) FROM batches") == 0);
  CHECK(database.integer("SELECT count(*) FROM doomed") == 0);
  database.checkpoint();
  CHECK(std::filesystem::file_size(dir / "log.db") < 10'000'000);
}

}  // namespace kbeat::transport
