// The checks that a server's answer holds.
#include <nlohmann/json.hpp>

#include "health_url.hpp"
#include "kbeat/upkeep/alerts.hpp"

namespace kbeat::app {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

upkeep::HealthCheck check_of(const json& object) {
  const std::string state = text_of(object, "state");
  upkeep::HealthCheck check{
      .name = text_of(object, "check"),
      .severity = state == "ok" ? upkeep::Severity::none : upkeep::severity_named(state),
      .text = text_of(object, "text")};
  if (object.contains("value") && object["value"].is_number()) check.value = object["value"].get<double>();
  return check;
}

}  // namespace

std::optional<upkeep::HealthReport> report_of(const ServerHealth& server) {
  const json answer = json::parse(server.body, nullptr, false);
  if (!answer.is_object() || !answer.contains("checks") || !answer["checks"].is_array()) return std::nullopt;
  upkeep::HealthReport report;
  for (const json& check : answer["checks"]) {
    if (check.is_object()) report.checks.push_back(check_of(check));
  }
  return report;
}

}  // namespace kbeat::app
