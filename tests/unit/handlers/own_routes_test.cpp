// The user's routes before those of kbeat.
#include "kbeat/handlers/own_routes.hpp"

#include <catch2/catch.hpp>

#include "handler_bench.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/handlers/forward_handler.hpp"

using namespace kbeat;
using namespace kbeat::handlers;

namespace {

struct Bench {
  test::FakeDownloader downloader;
  test::FakeAnalyzer analyzer;
  test::FakeBeats beats;
  OwnRoutes routes{builtin_handlers({.downloader = downloader,
                                     .analyzer = analyzer,
                                     .beats = [this]() -> store::BeatReader& { return beats; }})};

  void add(const RoutePattern& pattern, const std::string& name) {
    routes.add(pattern, make_forward_handler({.name = name, .to = TopicName("x")}));
  }
  [[nodiscard]] std::string found(std::string_view topic, std::string_view type) const {
    const Route route = routes.find(topic, type);
    if (std::holds_alternative<UnhandledTopic>(route)) return "unhandled topic";
    if (std::holds_alternative<UnhandledType>(route)) return "unhandled type";
    return std::string(std::get<Handler*>(route)->name());
  }
};

}  // namespace

TEST_CASE("the first route of the user's that fits wins, then those of kbeat", "[handlers]") {
  Bench bench;
  bench.add({.topic = "orders", .type = "PAID"}, "paid");
  bench.add({.topic = "^ord.*", .type = "^P.*"}, "p");
  bench.add({.topic = "^quiz-.*", .type = ""}, "quiz");
  CHECK(bench.found("orders", "PAID") == "paid");
  CHECK(bench.found("orders", "PUT") == "p");
  CHECK(bench.found("orders", "MADE") == "unhandled type");
  CHECK(bench.found("border", "PAID") == "unhandled topic");
  CHECK(bench.found("quiz-events", "") == "quiz");
  CHECK(bench.found("generic_topic", "T") == "generic-topic");
}

TEST_CASE("a raw route takes values that are no JSON, whatever its type", "[handlers]") {
  Bench bench;
  bench.add({.topic = "blobs", .type = "T", .raw = true}, "blobs");
  CHECK(bench.routes.routing("blobs") == TopicRouting::raw);
  CHECK(bench.found("blobs", "") == "blobs");
  CHECK(bench.routes.routing("quiz-events") == TopicRouting::json);
  CHECK(bench.routes.routing("other") == TopicRouting::unrouted);
}

TEST_CASE("a pattern that is none is refused", "[handlers]") {
  Bench bench;
  CHECK_THROWS_WITH(bench.add({.topic = "^(", .type = ""}, "x"), Catch::Contains("is no pattern"));
}
