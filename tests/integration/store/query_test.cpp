// Reading the store by SQL: what comes out, and what is not let in.
#include "kbeat/store/query.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "integration/store/batch_maker.hpp"
#include "kbeat/store/store_schema.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::store;
using namespace kbeat::test;

namespace {

struct Show {
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(std::int64_t value) const { return fmt::format("int {}", value); }
  std::string operator()(double value) const { return fmt::format("real {}", value); }
  std::string operator()(std::string_view value) const { return fmt::format("text {}", value); }
  std::string operator()(sqlite::Blob value) const { return fmt::format("blob of {}", value.bytes.size()); }
};

struct Queried : StoreFixture {
  std::string run(std::string_view sql, const QueryLimits& limits = {}) {
    const auto database = open_store_file(dir.path(), OpenMode::read_only);
    std::string shown;
    run_query(*database, sql, limits,
              {.columns = [&](auto names) { shown = fmt::format("{}", fmt::join(names, ",")); },
               .row =
                   [&](auto values) {
                     for (const QueryValue& value : values) shown += "; " + std::visit(Show{}, value);
                   }});
    return shown;
  }
};

}  // namespace

TEST_CASE_METHOD(Queried, "values come out with their types, under their columns", "[store][query]") {
  CHECK(run("SELECT 1 AS a, 2.5 AS b, 'x' AS c, x'00ff' AS d, NULL AS e;  ") ==
        "a,b,c,d,e; int 1; real 2.5; text x; blob of 2; null");
  CHECK(run("SELECT beat_id FROM beat_metrics") == "beat_id");
  CHECK_THAT(run("PRAGMA table_info(meta)"), Catch::Contains("text value"));
  CHECK(run("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3) SELECT sum(x) AS s "
            "FROM c") == "s; int 6");
}

TEST_CASE_METHOD(Queried, "whatever writes, attaches or tunes is refused before it runs", "[store][query]") {
  for (const char* sql : {"DELETE FROM meta", "INSERT INTO meta VALUES('a','b')", "UPDATE meta SET value = 1",
                          "DROP TABLE meta", "CREATE TABLE x(y)", "CREATE TEMP TABLE x(y)",
                          "ATTACH '/tmp/x.db' AS x", "VACUUM", "VACUUM INTO '/tmp/x'",
                          "PRAGMA journal_mode=DELETE", "PRAGMA writable_schema=1", "PRAGMA wal_checkpoint",
                          "BEGIN", "SAVEPOINT x", "REINDEX", "ANALYZE", "SELECT load_extension('x')"}) {
    CAPTURE(sql);
    const auto error = thrown_by([&] { run(sql); });
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::usage);
  }
  CHECK(number("SELECT count(*) FROM meta") == 1);
}

TEST_CASE_METHOD(Queried, "wrong, empty and several statements say what is the matter", "[store][query]") {
  CHECK_THAT(thrown_by([&] { run("SELEC 1"); })->what(), Catch::Contains("near \"SELEC\""));
  CHECK_THAT(thrown_by([&] { run("SELECT * FROM nowhere"); })->what(),
             Catch::Contains("no such table: nowhere"));
  CHECK_THAT(thrown_by([&] { run(" ; "); })->what(), Catch::Contains("empty"));
  CHECK_THAT(thrown_by([&] { run("SELECT 1; DELETE FROM meta"); })->what(), Catch::Contains("more than one"));
}

TEST_CASE_METHOD(Queried, "a query without end stops at its time limit, and at a signal", "[store][query]") {
  constexpr std::string_view k_endless =
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c";
  CHECK(thrown_by([&] { run(k_endless, {.time = Milliseconds(50), .stop = {}}); })->code() ==
        ErrorCode::timed_out);
  std::stop_source source;
  source.request_stop();
  CHECK(thrown_by([&] { run(k_endless, {.time = {}, .stop = source.get_token()}); })->code() ==
        ErrorCode::interrupted);
}
