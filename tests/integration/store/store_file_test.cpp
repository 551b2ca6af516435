// The store's file: made, migrated, refused, and shared by several connections.
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

TEST_CASE("a missing data directory is made for its owner alone", "[store]") {
  const TempDir dir;
  const auto store = open_store(dir / "x/y", OpenMode::read_write);
  struct stat status {};
  REQUIRE(stat((dir / "x/y").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);
}

TEST_CASE("reading a store that is not there makes nothing", "[store]") {
  const TempDir dir;
  const auto error = thrown_by([&] { (void)open_store(dir / "x", OpenMode::read_only); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(dir / "x"));
}

TEST_CASE("a store of every earlier version is brought to the present one", "[store]") {
  const sqlite::Schema newest = store_schema();
  for (std::size_t version = 0; version <= newest.migrations.size(); ++version) {
    CAPTURE(version);
    const TempDir dir;
    {
      sqlite::Database database(store_file(dir.path()),
                                {.application_id = newest.application_id, .purpose = "store"});
      sqlite::Schema earlier = newest;
      earlier.migrations = newest.migrations.first(version);
      sqlite::migrate(database, earlier);
    }
    const auto store = open_store(dir.path(), OpenMode::read_write);
    CHECK(store->positions().store_id().size() == 16);
  }
}

TEST_CASE_METHOD(StoreFixture, "a store of a newer version is refused with the advice to upgrade",
                 "[store]") {
  store.reset();
  {
    const auto database = open_store_file(dir.path(), OpenMode::read_write);
    sqlite::Transaction transaction(*database);
    database->execute("PRAGMA user_version=99");
    transaction.commit();
  }
  for (const OpenMode mode : {OpenMode::read_write, OpenMode::read_only}) {
    const auto error = thrown_by([&] { (void)open_store(dir.path(), mode); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::database);
    CHECK_THAT(error->what(), Catch::Contains("version 99") && Catch::Contains("upgrade kbeat"));
  }
}

TEST_CASE_METHOD(StoreFixture, "the state of a running consumer is seen by others until it leaves",
                 "[store]") {
  RuntimeState state{.process = "1@boot",
                     .command = "consume",
                     .group = "g",
                     .connection = "disconnected",
                     .in_cooldown = true,
                     .retry_count = 3,
                     .updated = WallTime(Milliseconds(5)),
                     .detail = R"({"lag":1})"};
  store->runtime().write(state);
  state.retry_count = 4;
  store->runtime().write(state);
  const auto other = open_store(dir.path(), OpenMode::read_only);
  const auto states = other->runtime().read();
  REQUIRE(states.size() == 1);
  CHECK(states[0].process == "1@boot");
  CHECK(states[0].in_cooldown);
  CHECK(states[0].retry_count == 4);
  CHECK(states[0].updated == state.updated);
  CHECK(states[0].detail == state.detail);
  store->runtime().remove("1@boot");
  CHECK(other->runtime().read().empty());
}
