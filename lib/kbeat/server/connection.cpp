// One connection: requests in, responses out, one after the other, until it becomes a live stream or ends.
#include "kbeat/server/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_linger{2000};
constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";

HttpResponse unrouted(const RouteMatch& match) {
  if (match.methods.empty())
    return problem(404, "there is nothing at this path: /openapi.json lists the paths");
  HttpResponse response = problem(405, "this path does not know the method");
  std::string allowed;
  for (const std::string& method : match.methods) allowed += (allowed.empty() ? "" : ", ") + method;
  response.headers.emplace_back("Allow", allowed);
  return response;
}

/// A connection is one of the places where errors end: as a response, the others of the process go on.
void run_guarded(const Route& route, HttpRequest request, const Reply& reply) {
  try {
    route.handler(std::move(request), reply);
  } catch (const Error& error) {
    reply(problem_of(error));
  } catch (const std::exception& error) {
    log_error("serve: {} {}: internal error: {}", route.method, route.pattern, error.what());
    reply(problem(500, "internal error"));
  }
}

/// What of a request its response needs.
std::unique_ptr<HttpRequest> asked_of(const HttpRequest& request) {
  auto asked = std::make_unique<HttpRequest>();
  asked->method = request.method;
  asked->path = request.path;
  asked->peer = request.peer;
  for (const char* name : {"origin", "host", "sec-websocket-key"}) {
    if (const std::string* value = find_field(request.headers, name))
      asked->headers.emplace_back(name, *value);
  }
  return asked;
}

std::string handshake(const HttpRequest& request, const LiveStart& start) {
  if (start.form == LiveStart::Form::event_stream) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
           "X-Accel-Buffering: no\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n";
  }
  std::string head = fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\n",
      accept_key(request.header("sec-websocket-key")));
  if (!start.subprotocol.empty()) head += fmt::format("Sec-WebSocket-Protocol: {}\r\n", start.subprotocol);
  return head;
}

}  // namespace

Connection::Connection(Loop& loop, std::shared_ptr<Link> link, const ServerParts& parts,
                       std::function<void(Connection*)> on_end)
    : m_loop(loop), m_link(std::move(link)), m_parts(parts), m_on_end(std::move(on_end)) {}

Connection::~Connection() = default;

void Connection::open() {
  m_deadline = steady_now() + m_parts.limits.header_time;
  m_link->open(shared_from_this());
}

void Connection::on_bytes(std::string_view bytes) {
  if (m_state == State::live) return m_live->on_bytes(bytes);
  if (m_state == State::lingering) return m_link->read();
  m_in += bytes;
  if (m_state == State::reading) read_request();
}

void Connection::read_request() {
  if (!m_parser) {
    m_parser = std::make_unique<HttpParser>(m_parts.limits.message);
    m_deadline = steady_now() + m_parts.limits.header_time;
    m_has_head = m_continued = false;
  }
  m_in.erase(0, m_parser->feed(m_in));
  if (m_parser->fault()) return refuse(*m_parser->fault());
  if (m_parser->has_header() && !std::exchange(m_has_head, true) && !take_head()) return;
  if (m_parser->done()) return begin_request();
  if (m_parser->expects_continue() && !std::exchange(m_continued, true)) {
    const std::array<std::string_view, 1> pieces{k_continue};
    m_continuing = m_link->write(pieces) == Written::later;
  }
  m_link->read();
}

/// What the header alone decides: a body that would be refused anyhow is not waited for. False when the
/// request is answered.
bool Connection::take_head() {
  m_deadline = steady_now() + m_parts.limits.body_time;
  HttpRequest request = m_parser->head();
  if (m_parser->fault()) return refuse(*m_parser->fault()), false;
  request.peer = m_link->peer();
  m_close_after = !request.keep_alive;
  m_asked = asked_of(request);
  const auto answer = [this](HttpResponse response) {
    if (!m_parser->done()) m_refused = m_close_after = true;
    m_parser.reset();
    respond(std::move(response));
    return false;
  };
  if (auto refusal = m_parts.guard.refuse_sender(request)) return answer(std::move(*refusal));
  RouteMatch match = m_parts.router.find(request.method, request.raw_path);
  if (match.route == nullptr) {
    auto preflight = m_parts.guard.preflight(request, match.methods);
    return answer(preflight ? std::move(*preflight) : unrouted(match));
  }
  m_route = match.route;
  request.captures = std::move(match.captures);
  auto refusal = m_parts.guard.refuse(request, *match.route);
  m_asked->caller = request.caller;
  if (refusal) return answer(std::move(*refusal));
  if (match.route->needs >= Role::ingest) {
    if (const auto wait = m_parts.rates.refuse(request.peer, steady_now()))
      return answer(problem_for_now(429,
                                    "more writing requests a second than this server takes of an address",
                                    static_cast<int>(wait->count())));
  }
  const std::string coding = lower_case(request.header("content-encoding"));
  if (!coding.empty() && coding != "identity")
    return answer(problem(415, "bodies are taken as they are: send it without a Content-Encoding"));
  m_request = std::make_unique<HttpRequest>(std::move(request));
  return true;
}

void Connection::begin_request() {
  m_state = State::handling;
  HttpRequest request = std::move(*m_request);
  request.body = m_parser->take_body();
  m_request.reset();
  m_parser.reset();
  run_route(*m_route, std::move(request));
}

void Connection::run_route(const Route& route, HttpRequest request) {
  const Reply reply = [self = shared_from_this()](Answer given) {
    if (self->m_loop.is_current()) return self->answer(given);
    self->m_loop.post([self, answer = std::move(given)] { self->answer(answer); });
  };
  if (route.runs == Runs::quick) return run_guarded(route, std::move(request), reply);
  const auto shared = std::make_shared<HttpRequest>(std::move(request));
  if (!m_parts.pool.try_run([&route, shared, reply] { run_guarded(route, std::move(*shared), reply); }))
    respond(problem_for_now(503, "too many requests wait for the broker or the store", 1));
}

void Connection::answer(const Answer& answer) {
  if (m_state != State::handling) return;
  if (const auto* start = std::get_if<LiveStart>(&answer)) return go_live(*start);
  respond(std::get<HttpResponse>(answer));
}

void Connection::respond(HttpResponse response) {
  if (m_asked) m_parts.guard.add_headers(*m_asked, response);
  if (m_route != nullptr && m_parts.on_response) m_parts.on_response(*m_asked, *m_route, response.status);
  const bool head_only = m_asked && m_asked->method == "HEAD";
  m_close_after = m_close_after || m_draining;
  write(to_wire(response, m_close_after ? AfterResponse::close : AfterResponse::keep_alive, head_only),
        State::writing);
}

void Connection::refuse(const BadRequest& fault) {
  m_parser.reset();
  m_close_after = m_refused = true;
  respond(problem(fault.status, fault.detail));
}

void Connection::go_live(const LiveStart& start) {
  HttpResponse shown;
  m_parts.guard.add_headers(*m_asked, shown);
  std::string head = handshake(*m_asked, start);
  for (const auto& [name, value] : shown.headers) head += fmt::format("{}: {}\r\n", name, value);
  m_live = std::make_shared<LiveClient>(m_loop, m_link, start.form);
  m_begin_live = start.begin;
  write(head + "\r\n", State::live);
}

void Connection::write(std::string bytes, State next) {
  m_state = next;
  m_deadline = steady_now() + m_parts.limits.write_time;
  m_out = std::move(bytes);
  if (!m_continuing) begin_write();
}

void Connection::begin_write() {
  const std::array<std::string_view, 1> pieces{m_out};
  m_is_writing = m_link->write(pieces) == Written::later;
  if (!m_is_writing) finish_write();
}

void Connection::on_written() {
  if (std::exchange(m_continuing, false)) {
    if (!m_out.empty()) begin_write();
    return;
  }
  if (!std::exchange(m_is_writing, false)) return m_live->on_written();
  finish_write();
}

void Connection::finish_write() {
  m_out.clear();
  m_out.shrink_to_fit();
  if (m_state == State::live) {
    m_live->on_end([self = shared_from_this()] { self->end(); });
    m_asked.reset();
    std::exchange(m_begin_live, nullptr)(m_live);
    const std::string rest = std::exchange(m_in, {});
    m_live->on_bytes(rest);
    if (m_draining) m_live->close(k_close_going_away, "the server stops");
    return;
  }
  if (m_refused) return linger();
  if (m_close_after) return end();
  expect_request();
}

/// A connection that is closed while the other side still sends takes the answer with it: the rest is read
/// and thrown away for a while.
void Connection::linger() {
  m_state = State::lingering;
  m_deadline = steady_now() + k_linger;
  m_link->end_writing();
  m_link->read();
}

void Connection::expect_request() {
  m_state = State::reading;
  m_asked.reset();
  m_route = nullptr;
  m_deadline = steady_now() + m_parts.limits.idle_time;
  if (m_in.empty()) {
    m_link->read();
  } else {
    // Not from here: a thousand requests in one packet would be a thousand calls deep.
    m_loop.post([self = shared_from_this()] {
      if (self->m_state == State::reading) self->read_request();
    });
  }
}

void Connection::on_gone() {
  if (m_live) m_live->on_gone();
  end();
}

void Connection::tick(SteadyTime now) {
  if (m_state == State::live && m_live && !m_begin_live) return m_live->tick(now);
  if (m_state == State::handling || now < m_deadline) return;
  const bool began = m_parser != nullptr;
  if (m_state != State::reading || !began) return end();
  refuse({408, "the request did not come in time"});
}

void Connection::drain() {
  m_draining = true;
  if (m_state == State::live && !m_begin_live) return m_live->close(k_close_going_away, "the server stops");
  if (m_state == State::reading && !m_parser) end();
}

void Connection::end() {
  if (m_state == State::ended) return;
  m_state = State::ended;
  m_link->close();
  const auto self = shared_from_this();
  if (m_on_end) std::exchange(m_on_end, nullptr)(this);
}

}  // namespace kbeat::server
