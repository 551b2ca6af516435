// All or nothing: transactions and savepoints.
#include "kbeat/sqlite/transaction.hpp"

#include <catch2/catch.hpp>

#include "kbeat/sqlite/statement.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::sqlite;
using test::thrown_by;

namespace {

struct Fixture {
  test::TempDir dir;
  Database database{dir / "a.db", {}};
  Fixture() {
    Transaction transaction(database);
    database.execute("CREATE TABLE t(x)");
    transaction.commit();
  }
  std::int64_t rows() { return database.integer("SELECT count(*) FROM t"); }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "a transaction that is not committed leaves nothing", "[sqlite]") {
  {
    Transaction transaction(database);
    database.execute("INSERT INTO t VALUES(1)");
    CHECK(rows() == 1);
  }
  CHECK(rows() == 0);
  Transaction next(database);
  next.commit();
}

TEST_CASE_METHOD(Fixture, "a savepoint that is not kept takes its part back, and the rest stays",
                 "[sqlite]") {
  Transaction transaction(database);
  database.execute("INSERT INTO t VALUES(1)");
  {
    Savepoint outer(database);
    database.execute("INSERT INTO t VALUES(2)");
    {
      const Savepoint inner(database);
      database.execute("INSERT INTO t VALUES(3)");
    }
    outer.keep();
  }
  transaction.commit();
  CHECK(rows() == 2);
}

TEST_CASE_METHOD(Fixture, "what others committed is seen, what they have not is not", "[sqlite]") {
  Database other(database.path(), {});
  Transaction transaction(database);
  database.execute("INSERT INTO t VALUES(1)");
  CHECK(other.integer("SELECT count(*) FROM t") == 0);
  transaction.commit();
  CHECK(other.integer("SELECT count(*) FROM t") == 1);
}

TEST_CASE("a full disk is a retryable error, and with room again the same write succeeds", "[sqlite]") {
  test::SmallDisk disk("1m");
  Database database(disk / "a.db", {});
  {
    Transaction transaction(database);
    database.execute("CREATE TABLE t(x)");
    transaction.commit();
  }
  Statement insert(database, "INSERT INTO t VALUES(zeroblob(20000))");
  const auto write_one = [&] {
    Transaction transaction(database);
    insert.run();
    transaction.commit();
  };
  std::int64_t written = 0;
  std::optional<Error> error;
  while (!(error = thrown_by(write_one))) ++written;
  CHECK(error->code() == ErrorCode::no_space);
  CHECK(error->retryable());
  CHECK_THAT(error->what(), Catch::Contains("a.db"));
  CHECK(written > 10);
  CHECK(database.integer("SELECT count(*) FROM t") == written);
  disk.resize("4m");
  write_one();
  CHECK(database.integer("SELECT count(*) FROM t") == written + 1);
  CHECK(database.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1);
}
