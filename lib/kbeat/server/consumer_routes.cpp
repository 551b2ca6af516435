// Groups, their positions and the consumers of this process.
#include <fmt/format.h>

#include <algorithm>

#include "kbeat/pipeline/group_positions.hpp"
#include "kbeat/server/json_handles.hpp"
#include "kbeat/store/consumer_switches.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::server {
namespace {

Json positions_of(transport::TopicAdmin& topics, transport::OffsetAdmin& offsets, const GroupId& group) {
  Json rows = Json::array();
  for (const pipeline::GroupPosition& position : pipeline::group_positions(topics, offsets, group, {})) {
    const Offset from = position.committed.value_or(position.earliest);
    rows.push_back({{"topic", position.partition.topic.get()},
                    {"partition", position.partition.partition.get()},
                    {"committed", position.committed ? Json(position.committed->get()) : Json(nullptr)},
                    {"end", position.latest.get()},
                    {"lag", std::max<std::int64_t>(
                                0, position.latest.get() - std::max(from, position.earliest).get())}});
  }
  return rows;
}

Json processes_of(const Management& parts) {
  Json rows = Json::array();
  const auto store = store::open_store(parts.data_dir, store::OpenMode::read_only);
  for (const store::RuntimeState& state : store->runtime().read()) {
    rows.push_back({{"process", state.process},
                    {"command", state.command},
                    {"group", state.group},
                    {"connection", state.connection},
                    {"in_cooldown", state.in_cooldown},
                    {"retry_count", state.retry_count},
                    {"updated", to_rfc3339(state.updated)}});
  }
  return rows;
}

Json consumers_of(const Management& parts) {
  const auto store = store::open_store(parts.data_dir, store::OpenMode::read_only);
  const auto topics = answering_transport(parts).make_topic_admin(parts.timeout);
  const auto offsets = answering_transport(parts).make_offset_admin(parts.timeout);
  Json groups = Json::array();
  for (const transport::GroupInfo& group : offsets->groups()) {
    Json positions = positions_of(*topics, *offsets, group.group);
    std::int64_t lag = 0;
    for (const Json& position : positions) lag += position["lag"].get<std::int64_t>();
    groups.push_back({{"group", group.group.get()},
                      {"state", group.state},
                      {"enabled", store->runtime().is_on(group.group.get())},
                      {"members", group.members.size()},
                      {"lag", lag},
                      {"positions", std::move(positions)}});
  }
  return {{"groups", std::move(groups)}, {"processes", processes_of(parts)}, {"parts", parts_of(parts)}};
}

/// `{group, to}` with the words of `kbeat groups reset --to`; the group must have no members.
HttpResponse reset_positions(const Management& parts, const HttpRequest& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  const bool sound = body.is_object() && body.contains("group") && body["group"].is_string() &&
                     body.contains("to") && (body["to"].is_string() || body["to"].is_number_unsigned());
  if (!sound)
    return problem(400, "give {\"group\", \"to\"}: earliest, latest, an offset, a time or a span such as 2h");
  const GroupId group{body["group"].get<std::string>()};
  if (group.get().empty()) return problem(400, "group is a group's name");
  const pipeline::ResetTarget target{
      body["to"].is_string() ? body["to"].get<std::string>() : body["to"].dump(), {}};
  const auto topics = answering_transport(parts).make_topic_admin(parts.timeout);
  const auto offsets = answering_transport(parts).make_offset_admin(parts.timeout);
  const std::vector<std::string> names{request.captures.at(0)};
  const auto positions = pipeline::group_positions(*topics, *offsets, group, names);
  const std::vector<Offset> next = pipeline::reset_offsets(positions, target, *offsets, parts.clock.now());
  std::vector<transport::CommittedPosition> commits;
  Json rows = Json::array();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    commits.push_back({.partition = positions[i].partition, .next = next[i], .metadata = {}});
    rows.push_back({{"partition", positions[i].partition.partition.get()}, {"offset", next[i].get()}});
  }
  offsets->set_committed(group, commits);
  return json_of({{"group", group.get()}, {"topic", names.front()}, {"positions", rows}});
}

/// `{enabled, group}`: all consumers of the group that work on this store take in nothing while it is off.
HttpResponse toggle(const Management& parts, const HttpRequest& request) {
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object() || !body.contains("enabled") || !body["enabled"].is_boolean())
    return problem(400, "give {\"enabled\": true} or {\"enabled\": false}");
  const Json group = body.value("group", Json(parts.group));
  if (!group.is_string() || group.get<std::string>().empty()) return problem(400, "group is a group's name");
  const bool on = body["enabled"];
  store::switch_consumer(*store::open_store_file(parts.data_dir, store::OpenMode::read_write), group,
                         on ? store::Switched::on : store::Switched::off, parts.clock.now());
  return json_of({{"group", group}, {"enabled", on}});
}

}  // namespace

void add_consumer_routes(Router& router, const Management& parts) {
  add_reading(router, "/api/v1/kafka/consumers", "groups with their lag, and running consumers",
              [&parts](const HttpRequest&) { return json_of(consumers_of(parts)); });
  add_changing(router, parts,
               {.method = "POST",
                .pattern = "/api/v1/kafka/consumers/{topic}/reset-offset",
                .summary = "moves a group's positions in a topic",
                .handler = {}},
               [&parts](const HttpRequest& request) { return reset_positions(parts, request); });
  add_changing(router, parts,
               {.method = "POST",
                .pattern = "/api/v1/kafka/consumers/toggle",
                .summary = "switches a group's consumers off and on",
                .handler = {}},
               [&parts](const HttpRequest& request) { return toggle(parts, request); });
}

}  // namespace kbeat::server
