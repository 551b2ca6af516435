// A WebSocket server of the library that sends back what it gets, for suites of conformance: it prints its
// port and ends with its stdin.
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "kbeat/server/http_server.hpp"

using namespace kbeat;
using namespace kbeat::server;

namespace {

void echo(const std::shared_ptr<LiveClient>& client) {
  LiveLimits limits;
  limits.bytes = 4u << 20;
  client->set_limits(limits);
  client->on_message([weak = std::weak_ptr<LiveClient>(client)](const WebSocketMessage& message) {
    const std::shared_ptr<LiveClient> there = weak.lock();
    if (!there) return;
    static_cast<void>(there->offer(make_frame(frame(message.opcode, message.payload))));
    there->flush();
  });
}

void answer(const HttpRequest& request, const Reply& reply) {
  if (auto refusal = refuse_handshake(request)) return reply(std::move(*refusal));
  reply(LiveStart{.form = LiveStart::Form::web_socket, .begin = echo});
}

}  // namespace

int main() {
  Router router;
  router.add({.method = "GET", .pattern = "/", .summary = "echo", .handler = answer});
  const AccessGuard guard({.check_host = false}, [](std::string_view) { return std::nullopt; });
  TaskPool pool(1, 1);
  RateLimiter rates(0);
  HttpServer server(
      {.port = 0},
      {.router = router, .guard = guard, .pool = pool, .rates = rates, .limits = {}, .on_response = nullptr});
  server.start();
  std::cout << server.port() << std::endl;
  std::string line;
  while (std::getline(std::cin, line)) continue;
  server.stop();
  return 0;
}
