// From the bodies of requests to the events that they mean.
#include "kbeat/server/event_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/handlers/body_reader.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/identity.hpp"
#include "kbeat/pipeline/letter_state.hpp"
#include "kbeat/transport/partitioner.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::server {
namespace {

constexpr std::string_view k_quiz_routes = "quiz-events";

/// A random UUID (RFC 9562, version 4).
std::string make_uuid() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  const std::uint64_t high = (engine() & ~0xF000ULL) | 0x4000ULL;
  const std::uint64_t low = (engine() & ~(3ULL << 62)) | (2ULL << 62);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF, high & 0xFFFF,
                     low >> 48, low & 0xFFFFFFFFFFFFULL);
}

std::string json_text(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

void check_json(std::string_view body) {
  std::string reason;
  if (!is_json(body, &reason)) throw BadEvent(fmt::format("the body is not JSON: {}", reason));
}

void check(const handlers::BodyReader& body) {
  if (body.rejection()) throw BadEvent(body.rejection()->reason);
}

/// The sender's own id, or the request's key, makes a repetition harmless.
std::string own_id(handlers::BodyReader& body, std::string_view key) {
  if (body.has("event_id")) return body.id("event_id");
  return key.empty() ? make_uuid() : std::string(key);
}

/// A quiz event that has no id gets the request's key, so that a consumer finds it too.
std::string with_id(const Record& record, std::string_view key) {
  const RecordLoan loan(record);
  const Event event = parse_event(loan.view());
  const handlers::BodyReader body(event.body);
  const bool has_id = std::any_of(body.fields().begin(), body.fields().end(),
                                  [](const auto& field) { return field.name == "event_id"; });
  std::string value = *record.value;
  const std::size_t inside = value.find('{') + 1;
  const std::size_t next = value.find_first_not_of(" \t\r\n", inside);
  if (!event.id.empty() || has_id || inside == 0 || next == std::string::npos) return value;
  return value.insert(inside,
                      fmt::format(R"("event_id":{}{})", json_text(key), value[next] == '}' ? "" : ","));
}

std::string own_metadata(handlers::BodyReader& body) {
  return body.optional_object("metadata");
}

}  // namespace

int PartitionCounts::of(const std::string& topic) const {
  const std::lock_guard lock(m_mutex);
  const auto found = m_counts.find(topic);
  return found != m_counts.end() ? found->second : transport::default_spec(TopicName{topic}).partitions;
}

bool PartitionCounts::knows(const std::string& topic) const {
  const std::lock_guard lock(m_mutex);
  return m_counts.contains(topic);
}

void PartitionCounts::set(const std::string& topic, int count) {
  const std::lock_guard lock(m_mutex);
  m_counts[topic] = count;
}

/// The parts of a standard event. `subject` chooses the partition, so that order per subject holds while the
/// key stays the event's own and compaction removes only repetitions.
struct EventForms::Draft {
  std::string id;
  std::string type;
  std::string topic;
  std::string data;
  std::string metadata;
  std::string subject;
  std::string hash;
  std::string correlation_id;
  std::string key{};
};

EventForms::EventForms(const handlers::Registry& registry, std::string quiz_topic,
                       const PartitionCounts& partitions)
    : m_registry(registry), m_quiz_topic(std::move(quiz_topic)), m_partitions(partitions) {}

/// Has the topic's handler look at the event: what it rejects is never accepted.
void EventForms::apply_handler(IngestEvent& event, std::string_view routes_of) const {
  const RecordLoan loan(event.record);
  const Event parsed = parse_event(loan.view());
  event.identity = pipeline::event_identity(loan.view(), &parsed, {.cluster = "serve"});
  event.record.headers.push_back({std::string(names::k_event_id), event.identity});
  const handlers::Route route = m_registry.find(routes_of, parsed.type);
  const auto* found = std::get_if<handlers::Handler*>(&route);
  if (found == nullptr) return;
  const handlers::HandlerContext context{.identity = event.identity, .deadline = {}, .stop = {}};
  Outcome outcome = (*found)->handle(loan.view(), parsed, context);
  if (const auto* reject = std::get_if<Reject>(&outcome)) throw BadEvent(reject->reason);
  auto* done = std::get_if<Done>(&outcome);
  if (done == nullptr) return;
  event.done =
      store::HandledEvent{.handler = std::string((*found)->name()),
                          .identity = event.identity,
                          .value_hash = sha256_digest(*event.record.value),
                          .origin = {.topic = event.record.topic.get(), .timestamp = event.record.timestamp},
                          .effects = std::move(done->effects)};
}

IngestEvent EventForms::quiz(std::string_view body, const RequestNames& names) const {
  check_json(body);
  IngestEvent event;
  event.record.topic = TopicName{m_quiz_topic};
  event.record.timestamp = SystemClock().now();
  event.record.timestamp_type = TimestampType::create;
  event.record.value = std::string(body);
  if (!names.key.empty()) event.record.value = with_id(event.record, names.key);
  apply_handler(event, k_quiz_routes);
  if (!event.done) throw BadEvent("this is no quiz event");
  const auto& row = std::get<UpsertQuizEvent>(event.done->effects.at(0));
  try {
    if (!row.timestamp.empty()) static_cast<void>(parse_rfc3339(row.timestamp));
  } catch (const Error&) {
    throw BadEvent("timestamp is no time of RFC 3339");
  }
  event.id = row.event_id;
  // Its row is found by this alone: of two types with one id the second would take the place of the first.
  event.accepted_as = "quiz:" + row.event_id;
  event.hash = event.done->value_hash.view();
  event.direct_without_kafka = true;
  event.record.key = row.session_id;
  return event;
}

IngestEvent EventForms::build(const Draft& draft) const {
  IngestEvent event;
  event.id = draft.id;
  event.hash = draft.hash;
  const WallTime now = SystemClock().now();
  event.record.topic = TopicName{draft.topic};
  event.record.timestamp = now;
  event.record.timestamp_type = TimestampType::create;
  event.record.key = draft.key.empty() ? draft.id : draft.key;
  event.record.value = fmt::format(
      R"({{"id":{},"type":{},"version":"1.0","source":"kbeat","timestamp":"{}","correlation_id":{},"data":{},)"
      R"("metadata":{}}})",
      json_text(draft.id), json_text(draft.type), to_rfc3339(now),
      json_text(draft.correlation_id.empty() ? draft.id : draft.correlation_id), draft.data, draft.metadata);
  if (!draft.subject.empty())
    event.record.partition = transport::partition_of_key(draft.subject, m_partitions.of(draft.topic));
  return event;
}

/// What its topic's handler thinks of it counts, once the body was read without a complaint.
IngestEvent EventForms::looked_at(const Draft& draft, const handlers::BodyReader& body) const {
  check(body);
  IngestEvent event = build(draft);
  apply_handler(event, draft.topic);
  return event;
}

IngestEvent EventForms::conversation(std::string_view text, const RequestNames& names) const {
  check_json(text);
  handlers::BodyReader body(text);
  const std::string action = body.text("action");
  const std::string conversation = body.id("conversation_id");
  std::string data = fmt::format(R"({{"conversation_id":{},"user_id":{})", json_text(conversation),
                                 json_text(body.id("user_id")));
  if (action == "message") {
    constexpr std::size_t k_longest_message = 256u << 10;
    const std::string content = body.text("message_content", k_longest_message);
    const std::string type = body.optional_text("message_type");
    data += fmt::format(R"(,"message_content":{},"message_type":{})", json_text(content),
                        json_text(type.empty() ? "user" : type));
  } else if (action != "started" && action != "ended") {
    body.reject("action must be started, message or ended");
  }
  Draft draft{.id = own_id(body, names.key),
              .type = "conversation." + action,
              .topic = "conversation.events",
              .data = data + "}",
              .metadata = own_metadata(body),
              .subject = conversation,
              .hash = sha256(text),
              .correlation_id = names.correlation_id};
  return looked_at(draft, body);
}

IngestEvent EventForms::ai_response(std::string_view text, const RequestNames& names) const {
  check_json(text);
  handlers::BodyReader body(text);
  const std::string user = body.has("user_id") ? body.id("user_id") : std::string();
  const std::string conversation = body.has("conversation_id") ? body.id("conversation_id") : std::string();
  std::string data = fmt::format(R"({{"model_name":{},"response_data":{})",
                                 json_text(body.text("model_name")), body.json("response_data"));
  if (!user.empty()) data += fmt::format(R"(,"user_id":{})", json_text(user));
  if (!conversation.empty()) data += fmt::format(R"(,"conversation_id":{})", json_text(conversation));
  Draft draft{.id = own_id(body, names.key),
              .type = "ai.response.generated",
              .topic = "ai.responses",
              .data = data + "}",
              .metadata = own_metadata(body),
              .subject = conversation.empty() ? user : conversation,
              .hash = sha256(text),
              .correlation_id = names.correlation_id};
  return looked_at(draft, body);
}

IngestEvent EventForms::business_analytics(std::string_view text, const RequestNames& names) const {
  check_json(text);
  handlers::BodyReader body(text);
  const std::string business = body.has("business_id") ? body.id("business_id") : std::string();
  std::string data = fmt::format(R"({{"metric_name":{},"metric_value":{})",
                                 json_text(body.text("metric_name")), body.json("metric_value"));
  if (!business.empty()) data += fmt::format(R"(,"business_id":{})", json_text(business));
  Draft draft{.id = own_id(body, names.key),
              .type = "business.analytics.update",
              .topic = "business.analytics",
              .data = data + "}",
              .metadata = own_metadata(body),
              .subject = business,
              .hash = sha256(text),
              .correlation_id = names.correlation_id};
  return looked_at(draft, body);
}

IngestEvent EventForms::generic(std::string_view text, const RequestNames& names) const {
  check_json(text);
  handlers::BodyReader body(text);
  const std::string topic = body.optional_text("topic");
  Draft draft{.id = own_id(body, names.key),
              .type = body.text("type"),
              .topic = topic.empty() ? "generic_topic" : topic,
              .data = body.json("data"),
              .metadata = own_metadata(body),
              .subject = {},
              .hash = sha256(text),
              .correlation_id = names.correlation_id,
              .key = body.has("key") ? body.id("key") : std::string()};
  check(body);
  check_topic_name(draft.topic);
  if (pipeline::keeps_letters(draft.topic))
    throw BadEvent(
        fmt::format("only consumers and kbeat dlq write to {}: choose another topic", draft.topic));
  IngestEvent event = build(draft);
  event.identity = fmt::format("{}/{}/{}", draft.topic, draft.type, draft.id);
  event.record.headers.push_back({std::string(names::k_event_id), event.identity});
  return event;
}

}  // namespace kbeat::server
