// What a database connection refuses, and what it leaves behind.
#include "kbeat/sqlite/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <string>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "support/small_disk.hpp"
#include "support/temp_dir.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::sqlite;
using test::TempDir;
using test::thrown_by;

namespace {

constexpr OpenOptions k_ours{.application_id = 0x6b627431, .purpose = "store"};

OpenOptions reading() {
  OpenOptions options = k_ours;
  options.access = Access::read_only;
  return options;
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// A file of ours with one table of one row.
void make_ours(const std::filesystem::path& path) {
  Database database(path, k_ours);
  Transaction transaction(database);
  database.execute("CREATE TABLE t(x); INSERT INTO t VALUES(7); PRAGMA application_id=0x6b627431");
  transaction.commit();
}

}  // namespace

TEST_CASE("2.9: a connection follows the rules of durability and defence", "[sqlite]") {
  const TempDir dir;
  Database database(dir / "a.db", k_ours);
  CHECK(database.integer("PRAGMA synchronous") == 2);
  CHECK(database.integer("PRAGMA foreign_keys") == 1);
  CHECK(database.integer("PRAGMA trusted_schema") == 0);
  CHECK(database.integer("PRAGMA cell_size_check") == 1);
  CHECK(database.integer("PRAGMA busy_timeout") == 5000);
  CHECK(database.integer("PRAGMA wal_autocheckpoint") == 0);
  CHECK(database.integer("PRAGMA mmap_size") == 0);
  CHECK(database.integer("PRAGMA auto_vacuum") == 2);
  Statement mode(database, "PRAGMA journal_mode");
  Rows rows = mode.query();
  REQUIRE(rows.next());
  CHECK(rows.bytes(0) == "wal");
  int defensive = 0;
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
  CHECK(defensive == 1);
  CHECK_THROWS_AS(database.execute("SELECT load_extension('x')"), Error);
}

TEST_CASE("a new file and its lock are for their owner alone", "[sqlite]") {
  const TempDir dir;
  const Database database(dir / "a.db", k_ours);
  for (const char* name : {"a.db", "a.db.lock"}) {
    CAPTURE(name);
    struct stat status {};
    REQUIRE(stat((dir / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("what is no database is refused and stays untouched", "[sqlite]") {
  const TempDir dir;
  for (const std::string& content : {std::string("x"), std::string("name,age\n"), std::string(8192, 'S')}) {
    write_file(dir / "a.db", content);
    const auto error = thrown_by([&] { Database(dir / "a.db", k_ours); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::database);
    CHECK_THAT(error->what(), Catch::Contains("a.db is not an SQLite database"));
    CHECK(content_of(dir / "a.db") == content);
  }
}

TEST_CASE("a directory, a FIFO and a missing folder are named as what they are", "[sqlite]") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "folder");
  mkfifo((dir / "fifo").c_str(), 0600);
  CHECK_THAT(thrown_by([&] { Database(dir / "folder", k_ours); })->what(), Catch::Contains("is a directory"));
  CHECK_THAT(thrown_by([&] { Database(dir / "fifo", k_ours); })->what(),
             Catch::Contains("is no regular file"));
  CHECK(thrown_by([&] { Database(dir / "none/a.db", k_ours); })->code() == ErrorCode::not_found);
  CHECK(thrown_by([&] { Database(dir / "none.db", reading()); })->code() == ErrorCode::not_found);
  CHECK_FALSE(std::filesystem::exists(dir / "none.db"));
}

TEST_CASE("a database of another program is refused and stays untouched", "[sqlite]") {
  const TempDir dir;
  sqlite3* raw = nullptr;
  sqlite3_open((dir / "a.db").c_str(), &raw);
  sqlite3_exec(raw, "CREATE TABLE contacts(name)", nullptr, nullptr, nullptr);
  sqlite3_close(raw);
  const std::string before = content_of(dir / "a.db");
  for (const OpenOptions& options : {k_ours, reading()}) {
    const auto error = thrown_by([&] { Database(dir / "a.db", options); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::database);
    CHECK_THAT(error->what(), Catch::Contains("belongs to another program"));
  }
  CHECK(content_of(dir / "a.db") == before);
}

TEST_CASE("the last connection brings the -wal into the file and removes it", "[sqlite]") {
  const TempDir dir;
  make_ours(dir / "a.db");
  CHECK_FALSE(std::filesystem::exists(dir / "a.db-wal"));
  CHECK(Database(dir / "a.db", k_ours).integer("SELECT x FROM t") == 7);
}

TEST_CASE("the -wal is brought in while it grows, and no reader stops the writer", "[sqlite]") {
  const TempDir dir;
  make_ours(dir / "a.db");
  Database writer(dir / "a.db", k_ours);
  Database reader(dir / "a.db", reading());
  Statement insert(writer, "INSERT INTO t VALUES(zeroblob(?))");
  const auto write_40_mib = [&] {
    for (int i = 0; i < 40; ++i) {
      Transaction transaction(writer);
      insert.run(1 << 20);
      transaction.commit();
    }
  };
  write_40_mib();
  CHECK(std::filesystem::file_size(dir / "a.db-wal") < (24u << 20));
  {
    const ReadTransaction long_read(reader);
    CHECK(reader.integer("SELECT count(*) FROM t") == 41);
    write_40_mib();
    write_40_mib();
    CHECK(std::filesystem::file_size(dir / "a.db-wal") > (64u << 20));
    CHECK(reader.integer("SELECT count(*) FROM t") == 41);
  }
  writer.checkpoint();
  CHECK(std::filesystem::file_size(dir / "a.db-wal") == 0);
  CHECK(reader.integer("SELECT count(*) FROM t") == 121);
}

TEST_CASE("a store on a disk mounted read-only can be read", "[sqlite]") {
  test::SmallDisk disk("4m");
  make_ours(disk / "a.db");
  disk.make_read_only();
  CHECK(Database(disk / "a.db", reading()).integer("SELECT x FROM t") == 7);
  const auto error = thrown_by([&] { Database(disk / "a.db", k_ours); });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::database);
  CHECK_THAT(error->what(), Catch::Contains("Read-only file system"));
}

TEST_CASE("a damaged page is an error, not a wrong answer", "[sqlite]") {
  const TempDir dir;
  make_ours(dir / "a.db");
  std::fstream file(dir / "a.db", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 * 2);
  file << std::string(4096, '\xA5');
  file.close();
  const auto error = thrown_by([&] {
    Database database(dir / "a.db", reading());
    (void)database.integer("SELECT x FROM t");
  });
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::database);
  CHECK_FALSE(error->retryable());
}
