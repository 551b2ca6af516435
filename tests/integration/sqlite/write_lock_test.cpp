// The lock file over threads and processes, and a process that is stopped.
#include "kbeat/sqlite/write_lock.hpp"

#include <signal.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "support/child.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::sqlite;
using test::Child;
using test::TempDir;
using test::thrown_by;

namespace {

constexpr OpenOptions k_short_patience{.patience = Milliseconds{100}};

void make_table(Database& database) {
  Transaction transaction(database);
  database.execute("CREATE TABLE t(x)");
  transaction.commit();
}

void add_rows(const std::filesystem::path& path, int count) {
  Database database(path, {});
  Statement insert(database, "INSERT INTO t VALUES(1)");
  for (int i = 0; i < count; ++i) {
    Transaction transaction(database);
    insert.run();
    transaction.commit();
  }
}

}  // namespace

TEST_CASE("child: holds a write transaction", "[.child]") {
  Database database(test::child_folder() / "a.db", {});
  const Transaction transaction(database);
  test::tell_parent("holding");
  pause();
}

TEST_CASE("child: writes a row whenever it is told to stop", "[.child]") {
  Database database(test::child_folder() / "a.db", {});
  {
    Transaction transaction(database);
    test::tell_parent("inside");
    while (!std::filesystem::exists(test::child_folder() / "signalled")) std::this_thread::yield();
    database.execute("INSERT INTO t VALUES(1)");
    transaction.commit();
  }
  test::tell_parent("outside");
}

TEST_CASE("child: writes a hundred rows", "[.child]") {
  test::tell_parent("started");
  add_rows(test::child_folder() / "a.db", 100);
}

TEST_CASE("a lock held by another connection of this process is waited for, then is a retryable error",
          "[sqlite]") {
  const TempDir dir;
  Database first(dir / "a.db", {});
  Database second(dir / "a.db", k_short_patience);
  const Transaction held(first);
  const auto error = thrown_by([&] { Transaction{second}; });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::busy);
  CHECK(error->retryable());
}

TEST_CASE("2.9: a lock held by a stopped process is an error that names the process", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", k_short_patience);
  make_table(database);
  Child child("child: holds a write transaction", dir.path());
  REQUIRE(child.read_line() == "holding");
  const std::string pid = std::to_string(child.pid());
  CHECK_THAT(thrown_by([&] { Transaction{database}; })->what(),
             Catch::Contains("held by process " + pid + ": wait"));
  child.signal(SIGSTOP);
  child.wait_until_stopped();
  CHECK_THAT(thrown_by([&] { Transaction{database}; })->what(),
             Catch::Contains("held by process " + pid + ", which is stopped") &&
                 Catch::Contains("kill -CONT " + pid));
  CHECK(database.integer("SELECT count(*) FROM t") == 0);
}

TEST_CASE("a process that is killed inside a transaction leaves nothing, and frees the lock", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", {});
  make_table(database);
  Child child("child: holds a write transaction", dir.path());
  REQUIRE(child.read_line() == "holding");
  child.signal(SIGKILL);
  CHECK(child.wait() == 128 + SIGKILL);
  Transaction transaction(database);
  database.execute("INSERT INTO t VALUES(1)");
  transaction.commit();
  CHECK(database.integer("SELECT count(*) FROM t") == 1);
}

TEST_CASE("S3: Ctrl-Z inside a transaction stops the process only after it", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", k_short_patience);
  make_table(database);
  Child child("child: writes a row whenever it is told to stop", dir.path());
  REQUIRE(child.read_line() == "inside");
  child.signal(SIGTSTP);
  make_database_file(dir / "signalled");
  child.wait_until_stopped();
  CHECK(database.integer("SELECT count(*) FROM t") == 1);
  CHECK_FALSE(thrown_by([&] { Transaction{database}; }));
  child.signal(SIGCONT);
  CHECK(child.read_line() == "outside");
  CHECK(child.wait() == 0);
}

TEST_CASE("two processes and two threads that write at once lose nothing and starve nobody", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", {});
  make_table(database);
  Child first("child: writes a hundred rows", dir.path());
  Child second("child: writes a hundred rows", dir.path());
  REQUIRE(first.read_line() == "started");
  std::thread third([&] { add_rows(dir / "a.db", 100); });
  add_rows(dir / "a.db", 100);
  third.join();
  CHECK(first.wait() == 0);
  CHECK(second.wait() == 0);
  CHECK(database.integer("SELECT count(*) FROM t") == 400);
}

TEST_CASE("a writer in a tight loop does not starve another", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", {});
  make_table(database);
  std::atomic<bool> done{false};
  std::thread greedy([&] {
    Database own(dir / "a.db", {});
    while (!done) {
      Transaction transaction(own);
      own.execute("INSERT INTO t VALUES(1)");
      transaction.commit();
    }
  });
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    CHECK_FALSE(thrown_by([&] { Transaction{database}; }));
  }
  done = true;
  greedy.join();
}

TEST_CASE("child: opens the file and leaves it", "[.child]") {
  Database database(test::child_folder() / "a.db", {});
  test::tell_parent(std::to_string(database.integer("SELECT count(*) FROM t")));
}

TEST_CASE("a second connection that comes and goes leaves the first one's locks in place", "[sqlite]") {
  const TempDir folder;
  Database first(folder / "a.db", {});
  make_table(first);
  add_rows(folder / "a.db", 3);
  // A process that found no lock on the file would take itself for the last user and remove the -wal.
  Child other("child: opens the file and leaves it", folder.path());
  CHECK(other.read_line() == "3");
  CHECK(other.wait() == 0);
  CHECK(std::filesystem::exists(folder / "a.db-wal"));
  add_rows(folder / "a.db", 1);
  CHECK(first.integer("SELECT count(*) FROM t") == 4);
}
