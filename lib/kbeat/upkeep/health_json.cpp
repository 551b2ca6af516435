// Health reports as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/runtime_reporter.hpp"
#include "kbeat/upkeep/health.hpp"

namespace kbeat::upkeep {
namespace {

template <typename Items, typename Print>
std::string list_of(const Items& items, Print print) {
  std::string out = "[";
  for (const auto& item : items) {
    if (out.size() > 1) out += ',';
    out += print(item);
  }
  return out + "]";
}

const char* state_word(Severity severity) {
  return severity == Severity::none ? "ok" : to_string(severity);
}

std::string check_json(const HealthCheck& check) {
  return fmt::format(R"({{"check":{},"state":"{}","value":{},"text":{}}})", json_string(check.name),
                     state_word(check.severity), check.value ? fmt::format("{}", *check.value) : "null",
                     json_string(check.text));
}

std::string alert_json(const HealthCheck& check) {
  return fmt::format(R"({{"alert":{},"severity":"{}","value":{},"text":{}}})", json_string(check.name),
                     to_string(check.severity), check.value ? fmt::format("{}", *check.value) : "null",
                     json_string(check.text));
}

std::string alerts_json(const HealthReport& report) {
  std::vector<HealthCheck> raised;
  std::copy_if(report.checks.begin(), report.checks.end(), std::back_inserter(raised),
               [](const HealthCheck& check) { return check.is_alert && check.severity != Severity::none; });
  return list_of(raised, alert_json);
}

std::string consumer_json(const store::RuntimeState& consumer, WallTime now) {
  return fmt::format(
      R"({{"process":{},"command":{},"group":{},"alive":{},"connection":{},"in_cooldown":{},"retry_count":{},)"
      R"("updated":"{}","detail":{}}})",
      json_string(consumer.process), json_string(consumer.command), json_string(consumer.group),
      !pipeline::is_gone(consumer, now), json_string(consumer.connection), consumer.in_cooldown,
      consumer.retry_count, to_rfc3339(consumer.updated), consumer.detail);
}

std::string lag_json(const PartitionLag& lag) {
  return fmt::format(R"({{"group":{},"topic":{},"partition":{},"next":{},"end":{},"lag":{}}})",
                     json_string(lag.group), json_string(lag.partition.topic.get()),
                     lag.partition.partition.get(), lag.next.get(), lag.end.get(), lag.records());
}

std::string figures_json(const VitalSigns& signs) {
  if (!signs.figures) return R"("dead_letters":null,"outbox":null)";
  const store::StoreFigures& figures = *signs.figures;
  return fmt::format(
      R"("dead_letters":{{"total":{},"last_5_minutes":{}}},"outbox":{{"waiting":{},"parked":{}}})",
      figures.dead_letters, figures.recent_dead_letters, figures.outbox_waiting, figures.outbox_parked);
}

/// What both forms begin with, without the closing brace.
std::string beginning(const HealthReport& report) {
  return fmt::format(R"({{"kafka":"{}","in_cooldown":{},"retry_count":{},"enabled":{},"timestamp":"{}")",
                     report.kafka, report.in_cooldown, report.retry_count, report.enabled,
                     to_rfc3339(report.taken));
}

}  // namespace

std::string brief_json(const HealthReport& report) {
  return beginning(report) + "}";
}

std::string full_json(const HealthReport& report) {
  const VitalSigns& signs = report.signs;
  const auto lag = total_lag(signs);
  return fmt::format(
      R"({},"status":"{}","checks":{},"brokers":{},"consumers":{},"lag":{},"partitions":{},{},)"
      R"("disk":{{"free":{},"size":{}}},"alerts":{},"version":"{}","libraries":{}}})",
      beginning(report), state_word(worst(report)), list_of(report.checks, check_json),
      list_of(signs.cluster ? signs.cluster->brokers : std::vector<std::string>{}, json_string),
      list_of(signs.consumers,
              [&](const store::RuntimeState& consumer) { return consumer_json(consumer, report.taken); }),
      lag ? std::to_string(*lag) : "null",
      list_of(signs.lags.value_or(std::vector<PartitionLag>{}), lag_json), figures_json(signs),
      signs.disk_free, signs.disk_size, alerts_json(report), KBEAT_VERSION, libraries_json(report.libraries));
}

std::string libraries_json(const std::vector<LibraryFacts>& libraries) {
  return list_of(libraries, [](const LibraryFacts& facts) {
    return fmt::format(R"({{"name":{},"version":{},"workarounds":{}}})", json_string(facts.name),
                       json_string(facts.version), list_of(facts.workarounds, json_string));
  });
}

}  // namespace kbeat::upkeep
