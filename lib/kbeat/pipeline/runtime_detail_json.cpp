// Written and read in one place.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/runtime_detail.hpp"

namespace kbeat::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t k_longest_reason = 1000;

std::string text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The objects of an array; none when it is no array.
std::vector<Json> objects_of(const Json& object, const char* name) {
  std::vector<Json> all;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return all;
  for (const Json& each : *found) {
    if (each.is_object()) all.push_back(each);
  }
  return all;
}

}  // namespace

std::string runtime_detail(const ConsumeView& view, Milliseconds quiet,
                           const std::vector<RaisedAlert>& raised, bool is_on) {
  Json paused = Json::array();
  for (const OpenBreaker& breaker : view.breakers) {
    paused.push_back({{"handler", clean_utf8(breaker.handler, k_longest_reason)},
                      {"reason", clean_utf8(breaker.reason, k_longest_reason)},
                      {"paused_ms", breaker.open_for.count()}});
  }
  Json alerts = Json::array();
  for (const RaisedAlert& alert : raised)
    alerts.push_back({{"alert", alert.alert}, {"severity", alert.severity}, {"text", alert.text}});
  const ConsumeCounts& counts = view.counts;
  const Json detail{{"pid", ::getpid()},
                    {"read", counts.read},
                    {"done", counts.done},
                    {"dead_letters", counts.dead_letters},
                    {"retries", counts.retries},
                    {"in_hand", view.in_hand},
                    {"partitions", view.positions.size()},
                    {"quiet_ms", quiet.count()},
                    {"is_on", is_on},
                    {"paused_handlers", std::move(paused)},
                    {"alerts", std::move(alerts)}};
  return detail.dump();
}

RuntimeDetail read_runtime_detail(std::string_view json) {
  RuntimeDetail detail;
  const Json parsed = Json::parse(json, nullptr, false);
  if (!parsed.is_object()) return detail;
  for (const Json& each : objects_of(parsed, "paused_handlers")) {
    OpenBreaker breaker{.handler = text_of(each, "handler"), .reason = text_of(each, "reason")};
    if (each.contains("paused_ms") && each["paused_ms"].is_number_integer())
      breaker.open_for = Milliseconds{each["paused_ms"].get<std::int64_t>()};
    detail.paused.push_back(std::move(breaker));
  }
  detail.is_on = parsed.value("is_on", Json(true)) != Json(false);
  for (const Json& each : objects_of(parsed, "alerts"))
    detail.raised.push_back({text_of(each, "alert"), text_of(each, "severity"), text_of(each, "text")});
  return detail;
}

}  // namespace kbeat::pipeline
