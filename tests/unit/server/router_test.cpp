// Which route takes a request.
#include "kbeat/server/router.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::server;

namespace {

Router table() {
  Router router;
  for (const char* const pattern : {"/topics", "/topics/{name}", "/topics/{name}/x/{id}"})
    router.get(pattern, "", [](const HttpRequest&) { return HttpResponse{}; });
  router.add({.method = "DELETE", .pattern = "/topics/{name}", .summary = "", .handler = {}});
  return router;
}

}  // namespace

TEST_CASE("names in a pattern are captured in order", "[server][http]") {
  const Router router = table();
  const RouteMatch match = router.find("GET", "/topics/a/x/7");
  REQUIRE(match.route != nullptr);
  CHECK(match.route->pattern == "/topics/{name}/x/{id}");
  CHECK(match.captures == std::vector<std::string>{"a", "7"});
}

TEST_CASE("an escaped slash is part of a name", "[server][http]") {
  const RouteMatch match = table().find("GET", "/topics/music%2Fa%20b/x/%C3%BC");
  CHECK(match.captures == std::vector<std::string>{"music/a b", "\xC3\xBC"});
  CHECK(table().find("GET", "/topics%2Fa").route == nullptr);
  CHECK(table().find("GET", "/%74opics").route != nullptr);
}

TEST_CASE("a known path with another method says which methods it knows", "[server][http]") {
  const RouteMatch match = table().find("PUT", "/topics/a");
  CHECK(match.route == nullptr);
  CHECK(match.methods == std::vector<std::string>{"GET", "DELETE"});
}

TEST_CASE("HEAD finds what GET finds, and nothing is found by halves", "[server][http]") {
  const Router router = table();
  CHECK(router.find("HEAD", "/topics").route != nullptr);
  for (const char* const path : {"/", "/topics/", "/topics/a/x", "/topics/a/x/", "/topic"}) {
    INFO(path);
    CHECK(router.find("GET", path).route == nullptr);
    CHECK(router.find("GET", path).methods.empty());
  }
}
