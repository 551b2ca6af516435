// Values in and out of statements.
#include "kbeat/sqlite/statement.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>

#include "kbeat/sqlite/transaction.hpp"
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
    database.execute("CREATE TABLE t(a, b, c UNIQUE)");
    transaction.commit();
  }
};

}  // namespace

TEST_CASE_METHOD(Fixture, "bytes, text, numbers and null come back as they went in", "[sqlite]") {
  const std::string binary("\0\xff'\";--", 7);
  Statement insert(database, "INSERT INTO t VALUES(?, ?, ?)");
  {
    Transaction transaction(database);
    CHECK(insert.run(Blob{binary}, std::string_view("π\0x", 4), std::optional<std::int64_t>()) == 1);
    insert.run(std::string_view(), Blob{}, INT64_MIN);
    insert.run(0.1, true, nullptr);
    transaction.commit();
  }
  Statement select(database, "SELECT a, b, c, typeof(a), typeof(b) FROM t ORDER BY rowid");
  Rows rows = select.query();
  REQUIRE(rows.next());
  CHECK(rows.bytes(0) == binary);
  CHECK(rows.bytes(1) == std::string_view("π\0x", 4));
  CHECK(rows.optional_integer(2) == std::nullopt);
  CHECK(rows.bytes(3) == "blob");
  CHECK(rows.bytes(4) == "text");
  REQUIRE(rows.next());
  CHECK_FALSE(rows.is_null(0));
  CHECK(rows.bytes(3) == "text");
  CHECK(rows.bytes(4) == "blob");
  CHECK(rows.integer(2) == INT64_MIN);
  REQUIRE(rows.next());
  CHECK(rows.real(0) == 0.1);
  CHECK_FALSE(rows.next());
}

TEST_CASE_METHOD(Fixture, "a write outside a transaction is a bug that shows itself", "[sqlite]") {
  Statement insert(database, "INSERT INTO t VALUES(1, 2, 3)");
  CHECK(thrown_by([&] { insert.run(); })->code() == ErrorCode::internal);
  CHECK(database.integer("SELECT count(*) FROM t") == 0);
}

TEST_CASE_METHOD(Fixture, "too few or too many values are refused", "[sqlite]") {
  Statement select(database, "SELECT ?, ?");
  CHECK(thrown_by([&] { (void)select.query(1); })->code() == ErrorCode::internal);
  CHECK(thrown_by([&] { (void)select.query(1, 2, 3); }));
}

TEST_CASE_METHOD(Fixture, "a row that the schema refuses is bad input and the transaction goes on",
                 "[sqlite]") {
  Statement insert(database, "INSERT INTO t VALUES(?, ?, ?)");
  Transaction transaction(database);
  insert.run(1, 1, 1);
  const auto error = thrown_by([&] { insert.run(2, 2, 1); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::bad_input);
  insert.run(3, 3, 3);
  transaction.commit();
  CHECK(database.integer("SELECT count(*) FROM t") == 2);
}

TEST_CASE_METHOD(Fixture, "wrong SQL says what is wrong", "[sqlite]") {
  const auto error = thrown_by([&] { Statement(database, "SELEC 1"); });
  REQUIRE(error);
  CHECK_THAT(error->what(), Catch::Contains("near \"SELEC\": syntax error"));
}
