// Health, metrics and topics of the management API.
#include <fmt/format.h>

#include "kbeat/metrics/prometheus_text.hpp"
#include "kbeat/server/json_handles.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/topic_table.hpp"

namespace kbeat::server {
namespace {

const char* connection_word(const Management& parts) {
  if (!parts.kafka) return "embedded";
  return parts.broker.connected() ? "connected" : "disconnected";
}

Json health_of(const Management& parts) {
  const pipeline::ConnectionState state = parts.broker.state().connection;
  return {{"kafka", connection_word(parts)},
          {"in_cooldown", state.in_cooldown},
          {"retry_count", state.retry_count},
          {"enabled", parts.kafka},
          {"timestamp", to_rfc3339(parts.clock.now())}};
}

/// Everything that `kbeat health --deep` looks at on this host.
HttpResponse deep_health_of(const Management& parts) {
  const upkeep::HealthReport report = parts.deep_health();
  return {.status = upkeep::is_healthy(report) ? 200 : 503, .body = upkeep::full_json(report) + "\n"};
}

Json sample_of(const metrics::FamilySample::Series& series) {
  Json labels = Json::object();
  for (const auto& [name, value] : series.labels) labels[name] = value;
  if (const auto* number = std::get_if<double>(&series.value))
    return {{"labels", labels}, {"value", *number}};
  const auto& buckets = std::get<metrics::FamilySample::Buckets>(series.value);
  std::uint64_t count = 0;
  for (const std::uint64_t each : buckets.counts) count += each;
  return {{"labels", labels}, {"count", count}, {"sum", buckets.sum}};
}

Json metrics_of(const Management& parts) {
  parts.refresh();
  Json all = Json::object();
  for (const metrics::FamilySample& family : parts.families.registry.collect()) {
    if (family.series.size() == 1 && family.series.front().labels.empty() &&
        std::holds_alternative<double>(family.series.front().value)) {
      all[family.name] = std::get<double>(family.series.front().value);
      continue;
    }
    Json series = Json::array();
    for (const auto& each : family.series) series.push_back(sample_of(each));
    all[family.name] = std::move(series);
  }
  return all;
}

Json outbox_of(const Management& parts) {
  const auto store = store::open_store(parts.data_dir, store::OpenMode::read_only);
  const store::OutboxCounts counts = store->outbox().counts();
  return {
      {"waiting", counts.waiting}, {"waiting_letters", counts.waiting_letters}, {"parked", counts.parked}};
}

Json alerts_of(const Management& parts) {
  Json alerts = Json::array();
  for (const upkeep::Alert& alert : parts.alerts()) {
    const config::AlertLimits& limits = upkeep::limits_of(parts.alert_limits, alert.rule);
    alerts.push_back({{"alert", upkeep::to_string(alert.rule)},
                      {"severity", upkeep::to_string(alert.severity)},
                      {"value", alert.value},
                      {"text", upkeep::describe(alert, limits)},
                      {"since", to_rfc3339(alert.since)}});
  }
  return alerts;
}

/// What keeps the server from doing all of its work now, a sentence each.
Json problems_of(const Management& parts, const Json& outbox) {
  Json problems = Json::array();
  const BrokerState broker = parts.broker.state();
  if (!broker.connection.connected) problems.push_back("Kafka does not answer: events go to the store");
  for (const std::string& topic : broker.missing_topics)
    problems.push_back("topic " + topic + " is not there");
  if (outbox["parked"] > 0)
    problems.push_back(fmt::format("{} records of the outbox can never be sent (kbeat outbox list)",
                                   outbox["parked"].get<std::int64_t>()));
  for (const upkeep::PartState& part : parts.parts()) {
    if (!part.running) problems.push_back(fmt::format("{}: {}", part.name, part.last_error));
  }
  return problems;
}

Json status_of(const Management& parts) {
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(parts.clock.steady() - parts.started);
  Json status{
      {"version", KBEAT_VERSION},
      {"uptime_seconds", uptime.count()},
      {"health", health_of(parts)},
      {"ingest",
       {{"mode", parts.ingest.prefers_kafka() ? "kafka" : "direct"}, {"waiting", parts.ingest.waiting()}}},
      {"outbox", outbox_of(parts)}};
  status["parts"] = parts_of(parts);
  status["problems"] = problems_of(parts, status["outbox"]);
  return status;
}

Json topics_of(const Management& parts) {
  const transport::ClusterInfo cluster =
      answering_transport(parts).make_topic_admin(parts.timeout)->cluster();
  Json topics = Json::array();
  for (const transport::TopicInfo& topic : cluster.topics) {
    const std::size_t copies = topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size();
    topics.push_back(
        {{"name", topic.topic.get()}, {"partitions", topic.partitions.size()}, {"replication", copies}});
  }
  return {{"brokers", cluster.brokers}, {"topics", std::move(topics)}};
}

/// `{name, partitions, replication_factor, config}`.
HttpResponse create_topic(const Management& parts, const HttpRequest& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  const bool sound = body.is_object() && body.contains("name") && body["name"].is_string() &&
                     (!body.contains("config") || body["config"].is_object());
  if (!sound) return problem(400, "give {\"name\", \"partitions\", \"replication_factor\", \"config\"}");
  const std::string name = body["name"];
  check_topic_name(name);
  transport::TopicSpec spec = transport::default_spec(TopicName{name});
  const auto number = [&](const char* field, int& value, int most) {
    if (!body.contains(field)) return true;
    if (!body[field].is_number_integer() || body[field] < 1 || body[field] > most) return false;
    value = body[field];
    return true;
  };
  if (!number("partitions", spec.partitions, 100'000) ||
      !number("replication_factor", spec.replication, 1000))
    return problem(400, "partitions and replication_factor are whole numbers from 1");
  const Json config = body.value("config", Json::object());
  for (const auto& [key, value] : config.items())
    spec.config[key] = value.is_string() ? value.get<std::string>() : value.dump();
  answering_transport(parts).make_topic_admin(parts.timeout)->create(spec);
  return json_of({{"name", name}, {"partitions", spec.partitions}}, 201);
}

HttpResponse remove_topic(const Management& parts, const HttpRequest& request) {
  answering_transport(parts).make_topic_admin(parts.timeout)->remove(TopicName{request.captures.at(0)});
  return {.status = 204};
}

}  // namespace

void add_broker_routes(Router& router, const Management& parts) {
  add_reading(router, "/api/v1/kafka/health", "whether Kafka answers: 200 or 503",
              [&parts](const HttpRequest& request) {
                if (yes_or_no(request, "deep")) return deep_health_of(parts);
                const bool away = parts.kafka && !parts.broker.connected();
                return json_of(health_of(parts), away ? 503 : 200);
              });
  add_reading(router, "/api/v1/kafka/metrics", "all metrics as one JSON object",
              [&parts](const HttpRequest&) { return json_of(metrics_of(parts)); });
  add_reading(router, "/api/v1/kafka/status", "version, health, ingestion and outbox",
              [&parts](const HttpRequest&) { return json_of(status_of(parts)); });
  add_reading(router, "/api/v1/kafka/alerts", "alerts that are raised", [&parts](const HttpRequest&) {
    return json_of({{"alerts", alerts_of(parts)}});
  });
  add_reading(router, "/api/v1/kafka/prometheus-metrics", "as /metrics", [&parts](const HttpRequest&) {
    parts.refresh();
    return HttpResponse{.type = metrics::k_prometheus_type,
                        .body = metrics::prometheus_text(parts.families.registry)};
  });
  add_reading(router, "/api/v1/kafka/topics", "brokers and topics",
              [&parts](const HttpRequest&) { return json_of(topics_of(parts)); });
  add_changing(
      router, parts,
      {.method = "POST", .pattern = "/api/v1/kafka/topics", .summary = "makes a topic", .handler = {}},
      [&parts](const HttpRequest& request) { return create_topic(parts, request); });
  add_changing(router, parts,
               {.method = "DELETE",
                .pattern = "/api/v1/kafka/topics/{name}",
                .summary = "deletes a topic",
                .handler = {}},
               [&parts](const HttpRequest& request) { return remove_topic(parts, request); });
}

}  // namespace kbeat::server
