// Hosts, origins, tokens and roles.
#include "kbeat/server/access_guard.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::server;

namespace {

const Route k_reading{.method = "GET", .pattern = "/r", .needs = Role::read, .summary = "", .handler = {}};
const Route k_writing{.method = "POST", .pattern = "/w", .needs = Role::ingest, .summary = "", .handler = {}};
const Route k_ruling{.method = "POST", .pattern = "/a", .needs = Role::admin, .summary = "", .handler = {}};

AccessGuard guard(AccessRules rules) {
  return {std::move(rules), [](std::string_view token) -> std::optional<Caller> {
            if (token == "writer") return Caller{"w", Role::ingest};
            return std::nullopt;
          }};
}

int status(const AccessGuard& guard, const Route& route, const Fields& headers) {
  HttpRequest request{
      .method = route.method, .path = "/", .query = {}, .headers = headers, .body = {}, .peer = {}};
  auto refusal = guard.refuse_sender(request);
  if (!refusal) refusal = guard.refuse(request, route);
  return refusal ? refusal->status : 200;
}

}  // namespace

TEST_CASE("a role reaches what it and the lesser ones may", "[server][access]") {
  const AccessGuard closed = guard({.open_reads = false});
  const Fields token{{"authorization", "bEaReR writer"}};
  CHECK(status(closed, k_reading, {}) == 401);
  CHECK(status(closed, k_reading, token) == 200);
  CHECK(status(closed, k_writing, token) == 200);
  CHECK(status(closed, k_ruling, token) == 403);
}

TEST_CASE("a wrong token is refused even where none is needed", "[server][access]") {
  const AccessGuard open = guard({.open_writes = true});
  CHECK(status(open, k_ruling, {}) == 200);
  CHECK(status(open, k_reading, {{"authorization", "Bearer wrong"}}) == 401);
}

TEST_CASE("a browser's script gives its token as a subprotocol", "[server][access]") {
  const AccessGuard closed = guard({.open_reads = false});
  CHECK(status(closed, k_reading, {{"sec-websocket-protocol", "kbeat, kbeat.token.writer"}}) == 200);
  CHECK(status(closed, k_reading, {{"sec-websocket-protocol", "kbeat.token.writer, kbeat"}}) == 200);
  CHECK(status(closed, k_reading, {{"sec-websocket-protocol", "kbeat.token.other"}}) == 401);
}

TEST_CASE("names that are not ours are refused, for a page may have made them point here",
          "[server][access]") {
  const AccessGuard rules = guard({.hosts = {"kbeat.example"}});
  for (const char* const host : {"localhost:8000", "127.0.0.1", "[::1]:8000", "kbeat.example:1"})
    CHECK(status(rules, k_reading, {{"host", host}}) == 200);
  CHECK(status(rules, k_reading, {{"host", "evil.example"}}) == 421);
}

TEST_CASE("pages of other origins may ask only when they are listed", "[server][access]") {
  const AccessGuard rules = guard({.origins = {"https://app.example"}});
  const auto from = [&](const char* origin) {
    return status(rules, k_reading, {{"host", "localhost:8000"}, {"origin", origin}});
  };
  CHECK(from("http://localhost:8000") == 200);
  CHECK(from("https://app.example") == 200);
  CHECK(from("http://localhost:9000") == 403);
  CHECK(from("null") == 403);
}
