// Plans of replays as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/config/config_file.hpp"
#include "new_file.hpp"
#include "replay_plan.hpp"

namespace kbeat::app {
namespace {

using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_longest_plan = 16u << 20;

json time_or_null(const std::optional<WallTime>& time) {
  return time ? json(time->time_since_epoch().count()) : json();
}

std::optional<WallTime> time_of(const json& value) {
  if (value.is_null()) return std::nullopt;
  return WallTime{Milliseconds{value.get<std::int64_t>()}};
}

std::string digest_of(const json& document) {
  return to_hex(sha256(document.dump()));
}

json filters_of(const filter::Wanted& wanted) {
  return {{"where", wanted.where},
          {"grep", wanted.grep},
          {"key", wanted.keys},
          {"header", wanted.headers},
          {"type", wanted.types}};
}

replay::CursorPart part_of(const json& value) {
  const replay::CursorPart part{
      {TopicName{value.at("topic").get<std::string>()}, Partition{value.at("partition").get<std::int32_t>()}},
      Offset{value.at("begin").get<std::int64_t>()},
      Offset{value.at("end").get<std::int64_t>()}};
  check_topic_name(part.partition.topic.get());
  if (part.next.get() < 0 || *part.end < part.next)
    throw Error(ErrorCode::bad_input, fmt::format("{}: it ends before it begins", to_string(part.partition)));
  return part;
}

ReplayPlan plan_of(const json& document) {
  ReplayPlan plan;
  document.at("cluster").get_to(plan.cluster);
  document.at("order").get_to(plan.order);
  if (plan.order != "offset" && plan.order != "time")
    throw Error(ErrorCode::bad_input, "its order is neither offset nor time");
  plan.since = time_of(document.at("since"));
  plan.until = time_of(document.at("until"));
  if (!document.at("count").is_null()) plan.count = document.at("count").get<std::uint64_t>();
  const json& filters = document.at("filters");
  filters.at("where").get_to(plan.wanted.where);
  filters.at("grep").get_to(plan.wanted.grep);
  filters.at("key").get_to(plan.wanted.keys);
  filters.at("header").get_to(plan.wanted.headers);
  filters.at("type").get_to(plan.wanted.types);
  for (const json& part : document.at("parts")) plan.parts.push_back(part_of(part));
  if (plan.parts.empty()) throw Error(ErrorCode::bad_input, "it has no parts");
  return plan;
}

}  // namespace

void write_plan(const std::string& path, const ReplayPlan& plan) {
  json document = {{"kbeat_replay_plan", k_version},
                   {"cluster", plan.cluster},
                   {"order", plan.order},
                   {"since", time_or_null(plan.since)},
                   {"until", time_or_null(plan.until)},
                   {"count", plan.count ? json(*plan.count) : json()},
                   {"filters", filters_of(plan.wanted)},
                   {"parts", json::array()}};
  for (const replay::CursorPart& part : plan.parts) {
    document["parts"].push_back({{"topic", part.partition.topic.get()},
                                 {"partition", part.partition.partition.get()},
                                 {"begin", part.next.get()},
                                 {"end", part.end.value_or(part.next).get()}});
  }
  document["sha256"] = digest_of(document);
  NewFile file(path);
  file.write(document.dump(2) + "\n");
  file.keep();
}

ReplayPlan read_plan(const std::string& path) {
  const std::string name = escape_for_terminal(path, 200);
  if (!std::filesystem::exists(path)) {
    throw Error(ErrorCode::not_found,
                fmt::format("{} does not exist: --dry-run --plan-file {} makes it", name, name));
  }
  const auto refuse = [&name](const std::string& why) {
    return Error(ErrorCode::bad_input, fmt::format("{} is no plan of a replay: {}", name, why));
  };
  json document = json::parse(config::read_small_file(path, k_longest_plan, "plan"), nullptr, false);
  if (!document.is_object() || !document.contains("kbeat_replay_plan")) throw refuse("it is not one's JSON");
  if (document["kbeat_replay_plan"] != k_version)
    throw refuse(fmt::format("it has another version than {}", k_version));
  const json digest = document.value("sha256", json());
  document.erase("sha256");
  if (digest != digest_of(document)) throw refuse("it was changed; make it anew with --dry-run");
  try {
    return plan_of(document);
  } catch (const std::exception& error) {
    throw refuse(error.what());
  }
}

ReplayFlags with_plan(ReplayFlags flags, const ReplayPlan& plan) {
  for (const replay::CursorPart& part : plan.parts) {
    const std::string& topic = part.partition.topic.get();
    if (std::find(flags.topics.begin(), flags.topics.end(), topic) == flags.topics.end())
      flags.topics.push_back(topic);
  }
  if (plan.since) flags.since = std::to_string(plan.since->time_since_epoch().count());
  if (plan.until) flags.until = std::to_string(plan.until->time_since_epoch().count());
  flags.order = plan.order;
  flags.count = plan.count;
  flags.wanted = plan.wanted;
  flags.plan = plan.parts;
  flags.plan_cluster = plan.cluster;
  return flags;
}

}  // namespace kbeat::app
