// Schemas that grow by versions.
#include "kbeat/sqlite/migrations.hpp"

#include <catch2/catch.hpp>

#include <array>

#include "kbeat/sqlite/transaction.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::sqlite;
using test::TempDir;
using test::thrown_by;

namespace {

constexpr std::int32_t k_id = 0x6b627431;
constexpr OpenOptions k_options{.application_id = k_id, .purpose = "store"};
constexpr std::array<Migration, 3> k_steps{{{"CREATE TABLE a(x); INSERT INTO a VALUES(1)"},
                                            {"ALTER TABLE a ADD COLUMN y DEFAULT 2"},
                                            {"CREATE TABLE b(z); INSERT INTO b SELECT x + y FROM a"}}};

Schema up_to(std::size_t version) {
  return {.application_id = k_id, .purpose = "store", .migrations = std::span(k_steps).first(version)};
}

}  // namespace

TEST_CASE("a file of any earlier version is brought to the present one", "[sqlite]") {
  for (std::size_t from = 0; from <= k_steps.size(); ++from) {
    CAPTURE(from);
    const TempDir dir;
    if (from > 0) {
      Database database(dir / "a.db", k_options);
      migrate(database, up_to(from));
    }
    Database database(dir / "a.db", k_options);
    CHECK(schema_version(database) == static_cast<int>(from));
    migrate(database, up_to(3));
    CHECK(schema_version(database) == 3);
    CHECK(database.integer("PRAGMA application_id") == k_id);
    CHECK(database.integer("SELECT z FROM b") == 3);
  }
}

TEST_CASE("a file of a newer version is refused with the advice to upgrade", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", k_options);
  migrate(database, up_to(3));
  const auto error = thrown_by([&] { migrate(database, up_to(2)); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::database);
  CHECK_THAT(error->what(), Catch::Contains("has version 3") && Catch::Contains("upgrade kbeat"));
  CHECK(schema_version(database) == 3);
}

TEST_CASE("a migration that fails leaves the file as it was", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", k_options);
  const std::array<Migration, 3> steps{
      {{"CREATE TABLE a(x)"}, {"CREATE TABLE b(x)"}, {"CREATE TABLE c(x); INSERT INTO missing VALUES(1)"}}};
  const auto to = [&steps](std::size_t count) {
    return Schema{k_id, "store", std::span(steps).first(count)};
  };
  migrate(database, to(1));
  CHECK_THROWS_AS(migrate(database, to(3)), Error);
  CHECK(schema_version(database) == 1);
  CHECK(database.integer("SELECT count(*) FROM sqlite_schema") == 1);
}

TEST_CASE("a file opened for reading is never migrated", "[sqlite]") {
  const TempDir dir;
  {
    Database database(dir / "a.db", k_options);
    migrate(database, up_to(1));
  }
  OpenOptions reading = k_options;
  reading.access = Access::read_only;
  Database database(dir / "a.db", reading);
  migrate(database, up_to(1));
  CHECK_THAT(thrown_by([&] { migrate(database, up_to(2)); })->what(), Catch::Contains("older version 1"));
}

TEST_CASE("5.10: triggers and views that somebody planted are refused and never run", "[sqlite]") {
  for (const char* planted : {"CREATE TRIGGER evil AFTER INSERT ON a BEGIN DELETE FROM a; END",
                              "CREATE VIEW evil AS SELECT * FROM a"}) {
    CAPTURE(planted);
    const TempDir dir;
    Database database(dir / "a.db", k_options);
    migrate(database, up_to(1));
    {
      Transaction transaction(database);
      database.execute(planted);
      transaction.commit();
    }
    CHECK_THAT(thrown_by([&] { migrate(database, up_to(1)); })->what(), Catch::Contains("triggers or views"));
    Transaction transaction(database);
    database.execute("INSERT INTO a VALUES(2)");
    CHECK(database.integer("SELECT count(*) FROM a") == 2);
  }
}
