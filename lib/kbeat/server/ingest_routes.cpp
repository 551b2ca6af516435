// The paths that events come in by: one event, an array, or lines.
#include "kbeat/server/ingest_routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/model/trace.hpp"

namespace kbeat::server {
namespace {

enum class BodyForm { object, array, lines, unknown };

std::string media_type(const HttpRequest& request) {
  std::string_view type = request.header("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return lower_case(type);
}

BodyForm form_of(const HttpRequest& request) {
  const std::string type = media_type(request);
  if (type == "application/x-ndjson" || type == "application/jsonl") return BodyForm::lines;
  if (!type.empty() && type != "application/json") return BodyForm::unknown;
  const std::size_t first = request.body.find_first_not_of(" \t\r\n");
  const bool array = first != std::string::npos && request.body[first] == '[';
  return array ? BodyForm::array : BodyForm::object;
}

std::string shown_json(std::string_view text) {
  std::string json;
  append_json_string(json, clean_utf8(text, 1000));
  return json;
}

/// Which events of a batch are wrong, and why; nothing of it was taken.
HttpResponse refused_batch(int status, const std::vector<std::pair<std::size_t, std::string>>& faults) {
  HttpResponse response = problem(status, "no event was taken: some of them cannot be");
  response.body.resize(response.body.size() - 2);  // the brace and the newline
  response.body += ",\"errors\":[";
  for (const auto& [index, reason] : faults) {
    if (response.body.back() == '}') response.body += ',';
    response.body += fmt::format(R"({{"index":{},"detail":{}}})", index, shown_json(reason));
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
    case store::Taken::key_reused: return "key_reused";
    case store::Taken::refused: return "refused";
    case store::Taken::left_out: return "left_out";
  }
  return "refused";
}

bool is_taken(store::Taken taken) {
  return taken == store::Taken::accepted || taken == store::Taken::duplicate;
}

HttpResponse key_reused() {
  return problem(409, "this Idempotency-Key came before with another body");
}

std::string conflict_of(const std::string& id) {
  return fmt::format("event_id {} was accepted before with another content", id);
}

HttpResponse one_answer(const std::string& id, const IngestAnswer& answer) {
  if (answer.taken == store::Taken::key_reused) return key_reused();
  if (answer.taken == store::Taken::conflict) return problem(409, conflict_of(id));
  if (answer.taken == store::Taken::refused) return problem(422, answer.error);
  const bool duplicate = answer.taken == store::Taken::duplicate;
  return {.status = status_of(answer.mode),
          .body = fmt::format(R"({{"status":"{}",{}"event_id":{},"mode":"{}"}})"
                              "\n",
                              word_of(answer.taken), duplicate ? R"("duplicate":true,)" : "", shown_json(id),
                              to_string(answer.mode))};
}

/// One event of a batch: as it was found to be wrong, or as the store answered.
struct BatchEntry {
  std::string id;
  std::string fault;
};

std::string batch_line(const BatchEntry& entry, const IngestAnswer* answer) {
  if (answer == nullptr) return fmt::format(R"({{"status":"invalid","detail":{}}})", shown_json(entry.fault));
  std::string line =
      fmt::format(R"({{"event_id":{},"status":"{}")", shown_json(entry.id), word_of(answer->taken));
  if (is_taken(answer->taken)) line += fmt::format(R"(,"mode":"{}")", to_string(answer->mode));
  if (!answer->error.empty()) line += fmt::format(R"(,"detail":{})", shown_json(answer->error));
  return line + "}";
}

/// What a batch that is taken whole or not at all is refused for; nothing when it was taken.
std::optional<HttpResponse> refused_whole(const std::vector<BatchEntry>& entries,
                                          const std::vector<IngestAnswer>& answers) {
  std::vector<std::pair<std::size_t, std::string>> faults;
  int status = 422;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const IngestAnswer& answer = answers.at(i);
    if (answer.taken == store::Taken::key_reused) return key_reused();
    if (answer.taken == store::Taken::refused) faults.emplace_back(i, answer.error);
    if (answer.taken != store::Taken::conflict) continue;
    faults.emplace_back(i, conflict_of(entries[i].id));
    status = 409;
  }
  if (faults.empty()) return std::nullopt;
  return refused_batch(status, faults);
}

HttpResponse all_answers(const std::vector<BatchEntry>& entries, const std::vector<IngestAnswer>& answers) {
  std::size_t accepted = 0;
  std::size_t duplicates = 0;
  std::string list;
  IngestMode mode = IngestMode::direct;
  std::size_t at = 0;
  for (const BatchEntry& entry : entries) {
    const IngestAnswer* answer = entry.fault.empty() ? &answers.at(at++) : nullptr;
    if (answer != nullptr && answer->taken == store::Taken::key_reused) return key_reused();
    if (answer != nullptr && answer->taken == store::Taken::accepted) ++accepted;
    if (answer != nullptr && answer->taken == store::Taken::duplicate) ++duplicates;
    if (answer != nullptr && answer->mode != IngestMode::direct) mode = answer->mode;
    list += (list.empty() ? "" : ",") + batch_line(entry, answer);
  }
  const std::size_t failed = entries.size() - accepted - duplicates;
  return {.status = failed > 0 ? 207 : status_of(mode),
          .body = fmt::format(R"({{"accepted":{},"duplicates":{},"failed":{},"mode":"{}","events":[{}]}})"
                              "\n",
                              accepted, duplicates, failed, to_string(mode), list)};
}

/// The key of a repeated request; a quoted one (as the IETF's draft has it) is the same without quotes.
std::string key_of(const HttpRequest& request) {
  std::string_view key = request.header("idempotency-key");
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  constexpr std::size_t k_longest = 255;
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (key.size() > k_longest || !plain)
    throw BadEvent("Idempotency-Key has at most 255 characters, all of them visible ASCII");
  return std::string(key);
}

/// Which trace and which conversation a request belongs to, one step on. What cannot be understood is passed
/// over, as the W3C's recommendation has it.
Trail trail_of(const HttpRequest& request) {
  constexpr std::size_t k_longest = 256;
  Trail trail;
  if (const auto context = parse_traceparent(request.header("traceparent"))) {
    trail.context = next_step(*context);
    trail.state = request.header("tracestate");
  }
  for (const char* name : {"x-correlation-id", "correlation-id"}) {
    const std::string_view id = request.header(name);
    if (trail.correlation_id.empty() && id.size() <= k_longest && is_utf8(id)) trail.correlation_id = id;
  }
  return trail;
}

RequestNames names_of(const HttpRequest& request) {
  return {key_of(request), trail_of(request).correlation_id};
}

/// The sender would rather have the valid events of a batch taken than none (RFC 7240).
bool wants_partly(const HttpRequest& request) {
  return lower_case(request.header("prefer")).find("handling=lenient") != std::string::npos;
}

void name_request(const HttpRequest& request, std::vector<IngestEvent>& events) {
  const std::string key = key_of(request);
  const Trail trail = trail_of(request);
  for (IngestEvent& event : events) {
    if (!trail.empty()) set_trail(event.record.headers, trail);
    if (key.empty()) continue;
    event.request_key = request.path + "/" + key;
    event.request_hash = sha256(request.body);
  }
}

void submit(Ingest& ingest, std::vector<IngestEvent> events, Taking taking, const Reply& reply,
            std::function<HttpResponse(const std::vector<IngestAnswer>&)> answer) {
  const auto done = [answer = std::move(answer), reply](const std::vector<IngestAnswer>& answers,
                                                        const std::optional<Error>& error) {
    reply(error ? problem_for_now(503, error->what(), 2) : answer(answers));
  };
  if (!ingest.submit(std::move(events), taking, done))
    reply(problem_for_now(429, "more events wait than this server keeps in hand", 1));
}

void take_one(Ingest& ingest, const HttpRequest& request, IngestEvent event, const Reply& reply) {
  std::vector<IngestEvent> events;
  events.push_back(std::move(event));
  name_request(request, events);
  const std::string id = events.front().id;
  submit(ingest, std::move(events), Taking::whole, reply,
         [id](const std::vector<IngestAnswer>& answers) { return one_answer(id, answers.front()); });
}

void take_batch(Ingest& ingest, const EventForms& forms, const HttpRequest& request,
                const std::vector<std::string_view>& bodies, const Reply& reply) {
  if (bodies.empty()) return reply(problem(400, "there is no event in the body"));
  if (bodies.size() > k_most_events_a_request)
    return reply(problem(413, fmt::format("a request takes at most {} events", k_most_events_a_request)));
  std::vector<IngestEvent> events;
  std::vector<BatchEntry> entries;
  std::vector<std::pair<std::size_t, std::string>> faults;
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    try {
      events.push_back(forms.quiz(bodies[i]));
      entries.push_back({events.back().id, {}});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_input) throw;
      faults.emplace_back(i, error.what());
      entries.push_back({{}, error.what()});
    }
  }
  const Taking taking = wants_partly(request) ? Taking::each : Taking::whole;
  if (!faults.empty() && (taking == Taking::whole || events.empty()))
    return reply(refused_batch(422, faults));
  name_request(request, events);
  submit(ingest, std::move(events), taking, reply,
         [taking, entries = std::move(entries)](const std::vector<IngestAnswer>& answers) {
           auto refusal = taking == Taking::whole ? refused_whole(entries, answers) : std::nullopt;
           return refusal ? std::move(*refusal) : all_answers(entries, answers);
         });
}

void take_quiz(Ingest& ingest, const EventForms& forms, const HttpRequest& request, const Reply& reply) {
  switch (form_of(request)) {
    case BodyForm::object:
      return take_one(ingest, request, forms.quiz(request.body, names_of(request)), reply);
    case BodyForm::array: return take_batch(ingest, forms, request, split_array(request.body), reply);
    case BodyForm::lines: return take_batch(ingest, forms, request, split_lines(request.body), reply);
    case BodyForm::unknown: return reply(problem(415, "give application/json or application/x-ndjson"));
  }
}

HttpResponse one_object_please() {
  return problem(415, "give one event as application/json");
}

}  // namespace

void add_ingest_routes(Router& router, Ingest& ingest, const EventForms& forms,
                       const TopicCheck& check_topic) {
  router.add({.method = "POST",
              .pattern = "/api/events",
              .needs = Role::ingest,
              .summary = "takes one quiz event, an array of them, or lines",
              .handler = [&](const HttpRequest& request, const Reply& reply) {
                take_quiz(ingest, forms, request, reply);
              }});
  using Read = IngestEvent (EventForms::*)(std::string_view, const RequestNames&) const;
  constexpr std::array<std::pair<const char*, Read>, 3> k_kinds{{
      {"conversation", &EventForms::conversation},
      {"ai-response", &EventForms::ai_response},
      {"business-analytics", &EventForms::business_analytics},
  }};
  for (const auto& [name, read] : k_kinds) {
    router.add({.method = "POST",
                .pattern = fmt::format("/api/v1/kafka/events/{}", name),
                .needs = Role::ingest,
                .summary = fmt::format("publishes a standard event ({})", name),
                .audit = Audit::all,
                .handler = [&, read = read](const HttpRequest& request, const Reply& reply) {
                  if (form_of(request) != BodyForm::object) return reply(one_object_please());
                  take_one(ingest, request, (forms.*read)(request.body, names_of(request)), reply);
                }});
  }
  router.add({.method = "POST",
              .pattern = "/api/v1/kafka/events/generic",
              .needs = Role::ingest,
              .summary = "publishes a standard event (generic)",
              .audit = Audit::all,
              .handler = [&, check_topic](const HttpRequest& request, const Reply& reply) {
                if (form_of(request) != BodyForm::object) return reply(one_object_please());
                IngestEvent event = forms.generic(request.body, names_of(request));
                check_topic(event.record.topic,
                            [&ingest, request, event, reply](const std::optional<Error>& fault) {
                              fault ? reply(problem_of(*fault)) : take_one(ingest, request, event, reply);
                            });
              }});
}

}  // namespace kbeat::server
