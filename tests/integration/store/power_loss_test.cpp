// The store on a disk that loses power or fails in the middle of a call.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "integration/store/batch_maker.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/chance.hpp"
#include "support/crash_disk.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

constexpr int k_records = 10;  ///< of a batch, the last of which is a letter

BatchMaker make_batch(std::int64_t epoch, std::int64_t next) {
  BatchMaker maker(partition_of("t"), epoch, next);
  for (int i = 0; i < k_records - 1; ++i) {
    const std::string id = std::to_string(next + i);
    maker.done(id, {quiz_event(id)});
  }
  maker.letter("refused");
  return maker;
}

/// A consumer of one partition that begins where the store says.
class Consumer {
 public:
  explicit Consumer(const std::filesystem::path& dir) : m_store(open_store(dir, OpenMode::read_write)) {
    const TopicPartition wanted = partition_of("t");
    const auto position = m_store->positions().claim(scope_of(), std::span(&wanted, 1), "p", false).at(0);
    m_epoch = position.epoch;
    m_next = position.next ? position.next->get() : 0;
  }

  void consume() {
    m_store->outcomes().commit(make_batch(m_epoch, m_next).batch);
    m_next += k_records;
  }

  [[nodiscard]] std::int64_t next() const { return m_next; }

 private:
  std::unique_ptr<Store> m_store;
  std::int64_t m_epoch = 0;
  std::int64_t m_next = 0;
};

struct Loss {
  DiskImage image;
  std::int64_t acknowledged = 0;
};

/// A store that power was taken from opens by itself, has whole batches only and each that was acknowledged.
void check(const std::filesystem::path& dir, std::int64_t acknowledged) {
  const std::int64_t next = Consumer(dir).next();
  CHECK(next >= acknowledged);
  CHECK(next % k_records == 0);
  const auto database = open_store_file(dir, OpenMode::read_only);
  CHECK(database->integer("SELECT count(*) FROM quiz_events") == next / k_records * (k_records - 1));
  CHECK(database->integer("SELECT count(DISTINCT event_id) FROM quiz_events") ==
        next / k_records * (k_records - 1));
  CHECK(database->integer("SELECT coalesce(sum(entries), 0) FROM hash_runs WHERE kind = 0") ==
        next / k_records * (k_records - 1));
  CHECK(database->integer("SELECT count(*) FROM dead_letters") == next / k_records);
  CHECK(database->integer("SELECT count(*) FROM outbox") == next / k_records);
  CHECK(database->integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}

void check(const Loss& loss) {
  const TempDir dir;
  lay_out(loss.image, dir.path());
  check(dir.path(), loss.acknowledged);
}

/// Consumes a few batches on a disk that loses power at random moments, begun from what the last loss left.
std::vector<Loss> lose_power(const Loss& start, std::mt19937_64& chance) {
  const TempDir dir;
  lay_out(start.image, dir.path());
  CrashDisk disk(dir.path());
  std::vector<Loss> losses;
  std::int64_t acknowledged = start.acknowledged;
  disk.before_call = [&](CrashDisk::Call) {
    if (chance() % 16 == 0) losses.push_back({disk.after_power_loss(chance), acknowledged});
  };
  for (int life = 0; life < 3; ++life) {
    Consumer consumer(dir.path());  // closed again it brings the -wal into the file
    for (int batch = 0; batch < 3; ++batch) {
      consumer.consume();
      acknowledged = consumer.next();
    }
  }
  return losses;
}

}  // namespace

TEST_CASE("F11: whatever a power loss leaves has every acknowledged batch, whole and once",
          "[store][power]") {
  Chance chance;
  const std::size_t wanted = chance.rounds(300, 20'000);
  std::size_t seen = 0;
  Loss last;
  while (seen < wanted) {
    const std::vector<Loss> losses = lose_power(last, chance.engine);
    for (const Loss& loss : losses) check(loss);
    seen += losses.size();
    last = losses.empty() || losses.back().acknowledged > 500 ? Loss{} : losses.back();
  }
  std::clog << seen << " power losses of a store\n";
}

TEST_CASE("F10: a call of the disk that fails is never taken for done, and the next try goes on",
          "[store][power]") {
  Chance chance;
  const auto most = static_cast<std::int64_t>(chance.rounds(200, 2000));
  for (std::int64_t n = 1; n <= most; ++n) {
    const TempDir dir;
    CrashDisk disk(dir.path());
    disk.fail_at = n;
    disk.failure = static_cast<CrashDisk::Failure>(n % 3);
    std::unique_ptr<Consumer> consumer;
    int failures = 0;
    for (int batches = 0; batches < 4;) {
      const auto error = thrown_by([&] {
        if (!consumer) consumer = std::make_unique<Consumer>(dir.path());
        consumer->consume();
      });
      batches += error ? 0 : 1;
      failures += error ? 1 : 0;
      REQUIRE(failures <= 1);
    }
    consumer.reset();
    const bool all_calls_made = disk.calls() < n;
    check({disk.after_power_loss(chance.engine), 4 * k_records});
    if (all_calls_made) break;
  }
}
