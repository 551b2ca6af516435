// The paths that events come in by: one event, an array, or lines.
#include "kbeat/server/ingest_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/base/escape.hpp"

namespace kbeat::server {
namespace {

enum class BodyForm { object, array, lines, unknown };

std::string_view media_type(const HttpRequest& request) {
  std::string_view type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

BodyForm form_of(const HttpRequest& request) {
  const std::string_view type = media_type(request);
  if (type == "application/x-ndjson" || type == "application/jsonl") return BodyForm::lines;
  if (!type.empty() && type != "application/json") return BodyForm::unknown;
  const std::size_t first = request.body.find_first_not_of(" \t\r\n");
  const bool array = first != std::string::npos && request.body[first] == '[';
  return array ? BodyForm::array : BodyForm::object;
}

std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, clean_utf8(text, 1000));
  return json;
}

/// Which events of a batch are wrong, and why; nothing of it was taken.
HttpResponse refused_batch(const std::vector<std::pair<std::size_t, std::string>>& faults) {
  HttpResponse response = problem(400, "no event was taken: some are not valid");
  response.body.resize(response.body.size() - 2);  // the brace and the newline
  response.body += ",\"errors\":[";
  for (const auto& [index, reason] : faults) {
    if (response.body.back() == '}') response.body += ',';
    response.body += fmt::format(R"({{"index":{},"detail":{}}})", index, json_text(reason));
  }
  response.body += "]}\n";
  return response;
}

int status_of(IngestMode mode) {
  return mode == IngestMode::direct ? 200 : 202;
}

std::string_view word_of(store::Taken taken) {
  switch (taken) {
    case store::Taken::accepted: return "accepted";
    case store::Taken::duplicate: return "duplicate";
    case store::Taken::conflict: return "conflict";
    case store::Taken::refused: return "refused";
  }
  return "refused";
}

HttpResponse one_answer(const std::string& id, const IngestAnswer& answer) {
  if (answer.taken == store::Taken::conflict)
    return problem(409, fmt::format("event_id {} was accepted before with another content", id));
  if (answer.taken == store::Taken::refused) return problem(422, answer.error);
  const bool duplicate = answer.taken == store::Taken::duplicate;
  return {.status = duplicate ? 200 : status_of(answer.mode),
          .body = fmt::format(R"({{"status":"{}","event_id":{},"mode":"{}"}})"
                              "\n",
                              word_of(answer.taken), json_text(id), to_string(answer.mode))};
}

HttpResponse all_answers(const std::vector<std::string>& ids, const std::vector<IngestAnswer>& answers) {
  std::array<std::size_t, 4> counts{};
  std::string list;
  bool direct = true;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ++counts[static_cast<std::size_t>(answers[i].taken)];
    direct = direct && answers[i].mode == IngestMode::direct;
    list += fmt::format(R"({}{{"event_id":{},"status":"{}","mode":"{}"}})", i == 0 ? "" : ",",
                        json_text(ids[i]), word_of(answers[i].taken), to_string(answers[i].mode));
  }
  const std::size_t failed = counts[2] + counts[3];
  return {.status = failed > 0 ? 207
                    : direct   ? 200
                               : 202,
          .body = fmt::format(R"({{"accepted":{},"duplicates":{},"failed":{},"mode":"{}","events":[{}]}})"
                              "\n",
                              counts[0], counts[1], failed, to_string(answers.front().mode), list)};
}

HttpResponse failed_for_now(const Error& error) {
  return problem_for_now(503, error.what(), 2);
}

void submit(Ingest& ingest, std::vector<IngestEvent> events, bool many, const Reply& reply) {
  std::vector<std::string> ids;
  for (const IngestEvent& event : events) ids.push_back(event.id);
  const auto done = [ids = std::move(ids), many, reply](const std::vector<IngestAnswer>& answers,
                                                        const std::optional<Error>& error) {
    if (error) return reply(failed_for_now(*error));
    reply(many ? all_answers(ids, answers) : one_answer(ids.front(), answers.front()));
  };
  if (!ingest.submit(std::move(events), done))
    reply(problem_for_now(429, "more events wait than this server keeps in hand", 1));
}

void take_quiz(Ingest& ingest, const EventForms& forms, const HttpRequest& request, const Reply& reply) {
  const BodyForm form = form_of(request);
  if (form == BodyForm::unknown) return reply(problem(415, "give application/json or application/x-ndjson"));
  std::vector<std::string_view> bodies{request.body};
  if (form == BodyForm::array) bodies = split_array(request.body);
  if (form == BodyForm::lines) bodies = split_lines(request.body);
  if (bodies.empty()) return reply(problem(400, "there is no event in the body"));
  if (bodies.size() > k_most_events_a_request)
    return reply(problem(413, fmt::format("a request takes at most {} events", k_most_events_a_request)));
  std::vector<IngestEvent> events;
  std::vector<std::pair<std::size_t, std::string>> faults;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    try {
      events.push_back(forms.quiz(bodies[i]));
    } catch (const BadEvent& error) {
      if (form == BodyForm::object) throw;
      faults.emplace_back(i, error.what());
    }
  }
  if (!faults.empty()) return reply(refused_batch(faults));
  submit(ingest, std::move(events), form != BodyForm::object, reply);
}

void take_one(Ingest& ingest, const HttpRequest& request, const Reply& reply,
              const std::function<IngestEvent(std::string_view)>& read) {
  if (form_of(request) != BodyForm::object) return reply(problem(415, "give one event as application/json"));
  std::vector<IngestEvent> events;
  events.push_back(read(request.body));
  submit(ingest, std::move(events), false, reply);
}

}  // namespace

void add_ingest_routes(Router& router, Ingest& ingest, const EventForms& forms) {
  router.add({.method = "POST",
              .pattern = "/api/events",
              .needs = Role::ingest,
              .summary = "takes one quiz event, an array of them, or lines",
              .handler = [&](const HttpRequest& request, const Reply& reply) {
                take_quiz(ingest, forms, request, reply);
              }});
  using Read = IngestEvent (EventForms::*)(std::string_view) const;
  constexpr std::array<std::pair<const char*, Read>, 4> k_kinds{{
      {"conversation", &EventForms::conversation},
      {"ai-response", &EventForms::ai_response},
      {"business-analytics", &EventForms::business_analytics},
      {"generic", &EventForms::generic},
  }};
  for (const auto& [name, read] : k_kinds) {
    router.add({.method = "POST",
                .pattern = fmt::format("/api/v1/kafka/events/{}", name),
                .needs = Role::ingest,
                .summary = fmt::format("publishes a standard event ({})", name),
                .handler = [&, read = read](const HttpRequest& request, const Reply& reply) {
                  take_one(ingest, request, reply,
                           [&](std::string_view body) { return (forms.*read)(body); });
                }});
  }
}

}  // namespace kbeat::server
