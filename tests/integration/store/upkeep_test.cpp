// Looking after a store: checks, backups, pruning.
#include <catch2/catch.hpp>

#include <fstream>

#include "integration/store/batch_maker.hpp"
#include "kbeat/sqlite/backup.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/prune.hpp"
#include "kbeat/store/store_check.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/small_disk.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

struct Kept : StoreFixture {
  Kept() {
    const TopicPartition t = partition_of("t");
    BatchMaker maker(t, own(t));
    for (int i = 0; i < 200; ++i) {
      maker.done("e" + std::to_string(i),
                 {AppendEvent{.type = "x", .subject = "s", .raw = std::string(2000, 'r')}});
    }
    maker.letter("x");
    maker.leave_unfinished();
    maker.skip();
    store->outcomes().commit(maker.batch);
  }

  std::unique_ptr<sqlite::Database> file(OpenMode mode = OpenMode::read_write) {
    return open_store_file(dir.path(), mode);
  }
  void write(const char* sql) {
    const auto database = file();
    database->execute("PRAGMA foreign_keys=OFF");
    sqlite::Transaction transaction(*database);
    database->execute(sql);
    transaction.commit();
  }
  /// Names of the checks that found something.
  std::string problems() {
    std::string names;
    for (const CheckResult& result : check_store(*file(OpenMode::read_only))) {
      if (result.problems > 0) names += result.name + ": " + result.sample + "\n";
    }
    return names;
  }
};

}  // namespace

TEST_CASE_METHOD(Kept, "a sound store passes every check", "[store][check]") {
  CHECK(problems().empty());
  CHECK(check_store(*file(OpenMode::read_only)).size() == 10);
}

TEST_CASE_METHOD(Kept, "each broken rule between rows is found and named", "[store][check]") {
  const std::pair<const char*, const char*> broken[] = {
      {"UPDATE positions SET next = 500", "finished records lie at or above next: t[0] offset 202 below 500"},
      {"UPDATE positions SET id = 77", "references hold: finished row ?"},
      {"DELETE FROM outbox", "every pending dead letter is owed to its topic: letter 1"},
      {"UPDATE dead_letters SET state = 'published'", "every owed dead letter is pending: outbox row 1"},
      {"DELETE FROM hash_blocks", "every run of the hash index is whole: run 1"},
      {"INSERT INTO quiz_events SELECT column1, 'e', '', '', '', '', '', '', 0, '' FROM (VALUES(1), (2))",
       "every quiz event is there once: e"},
      {"DELETE FROM meta", "store has its id: no store_id"},
      {"INSERT INTO metrics VALUES('m', 'no json', '{}', 0, '', 0, 0, 0)",
       "columns of JSON are JSON: metric m"},
      {"UPDATE sqlite_sequence SET seq = 0", "no row is newer than the sequence: outbox row 1"}};
  for (const auto& [sql, finding] : broken) {
    CAPTURE(sql);
    const auto backup = dir / "sound.db";
    sqlite::back_up(*file(), backup, sqlite::Existing::replace);
    write(sql);
    CHECK_THAT(problems(), Catch::StartsWith(finding));
    store.reset();
    std::filesystem::copy_file(backup, store_file(dir.path()),
                               std::filesystem::copy_options::overwrite_existing);
    store = open_store(dir.path(), OpenMode::read_write);
  }
}

TEST_CASE_METHOD(Kept, "a backup made while the store is in use is whole and of one state",
                 "[store][backup]") {
  const TempDir elsewhere;
  const auto busy = file();
  const sqlite::Transaction a_writer_at_work(*busy);
  const auto source = file(OpenMode::read_only);
  const std::uintmax_t bytes = sqlite::back_up(*source, elsewhere / "store.db", sqlite::Existing::refuse);
  CHECK(bytes == std::filesystem::file_size(elsewhere / "store.db"));
  const auto copy = open_store(elsewhere.path(), OpenMode::read_write);
  CHECK(copy->positions().store_id() == store->positions().store_id());
  CHECK(copy->outbox().counts().waiting_letters == 1);
  CHECK(open_store_file(elsewhere.path(), OpenMode::read_only)->integer("SELECT count(*) FROM events") ==
        200);
}

TEST_CASE_METHOD(Kept, "a backup replaces nothing unless it may, and leaves nothing half-written",
                 "[store][backup]") {
  const auto source = file(OpenMode::read_only);
  std::ofstream(dir / "precious") << "precious";
  CHECK(thrown_by([&] { sqlite::back_up(*source, dir / "precious", sqlite::Existing::refuse); })->code() ==
        ErrorCode::usage);
  SmallDisk full("64k");
  const auto error = thrown_by([&] { sqlite::back_up(*source, full / "b.db", sqlite::Existing::refuse); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::no_space);
  CHECK(std::filesystem::is_empty(full.path()));
}

TEST_CASE_METHOD(Kept, "pruning removes what is old, as planned, and gives the room back", "[store][prune]") {
  store->outbox().mark_sent(std::vector<std::int64_t>{1});
  const PruneSpans spans{.dedupe_marks = std::chrono::hours(1),
                         .events = std::chrono::hours(1),
                         .sent_notifications = std::chrono::hours(1)};
  const WallTime now = SystemClock().now();
  const auto database = file();
  CHECK(plan_prune(*database, spans, now)[0].rows == 0);
  const WallTime later = now + std::chrono::hours(2);
  database->checkpoint();
  const auto before = std::filesystem::file_size(store_file(dir.path()));
  CHECK(plan_prune(*database, spans, later)[0].rows == 200);
  const auto pruned = prune(*database, spans, later);
  REQUIRE(pruned.size() == 3);
  CHECK(pruned[0].table == "marks");
  CHECK(pruned[0].rows == 200);
  CHECK(pruned[1].rows == 200);
  CHECK(pruned[2].rows == 0);
  database->checkpoint();
  CHECK(std::filesystem::file_size(store_file(dir.path())) < before / 2);
  CHECK(problems().empty());
}

TEST_CASE_METHOD(Kept, "what has no span is kept for ever", "[store][prune]") {
  const auto database = file();
  const auto pruned = prune(*database, {}, SystemClock().now() + std::chrono::hours(24 * 365));
  CHECK(pruned.size() == 1);
  CHECK(number("SELECT count(*) FROM events") == 200);
}
