// How routes of the management API answer: on threads that may wait, with an audit of every change.
#include "kbeat/server/management.hpp"

#include <utility>

namespace kbeat::server {

transport::Transport& answering_transport(const Management& parts) {
  if (parts.broker.connected()) return parts.transport;
  throw Error(ErrorCode::unreachable, "Kafka does not answer: come again when /readyz is 200",
              Retryable::yes);
}

void add_reading(Router& router, const std::string& pattern, const std::string& summary,
                 Responder responder) {
  router.add({.method = "GET",
              .pattern = pattern,
              .needs = Role::read,
              .runs = Runs::waiting,
              .summary = summary,
              .handler = [responder = std::move(responder)](const HttpRequest& request, const Reply& reply) {
                reply(responder(request));
              }});
}

void add_changing(Router& router, const Management& parts, Route route, Responder responder) {
  route.needs = Role::admin;
  route.runs = Runs::waiting;
  route.audit = Audit::refused;
  route.handler = [&parts, responder = std::move(responder)](const HttpRequest& request, const Reply& reply) {
    HttpResponse response;
    try {
      response = responder(request);
    } catch (const Error& error) {
      response = problem_of(error);
    }
    parts.accounts.note(request, response.status);
    reply(std::move(response));
  };
  router.add(std::move(route));
}

}  // namespace kbeat::server
