// Each sign becomes a check with a severity.
#include "kbeat/upkeep/health.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/runtime_detail.hpp"
#include "kbeat/pipeline/runtime_reporter.hpp"

namespace kbeat::upkeep {
namespace {

std::string name_of(const store::RuntimeState& consumer) {
  return fmt::format("{} of group {} (process {})", consumer.command, consumer.group,
                     consumer.process.substr(0, consumer.process.find('-')));
}

HealthCheck check_kafka(const VitalSigns& signs) {
  if (signs.cluster)
    return {"kafka", Severity::none, fmt::format("{} brokers answer", signs.cluster->brokers.size())};
  return {"kafka", Severity::critical, signs.broker_fault.empty() ? "no broker answers" : signs.broker_fault};
}

HealthCheck check_consumer(const store::RuntimeState& consumer, HealthDepth depth, WallTime now) {
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - consumer.updated).count();
  if (pipeline::is_gone(consumer, now)) {
    return {"consumer", Severity::critical,
            fmt::format("{} died or hangs: it gave no sign for {} s", name_of(consumer), age)};
  }
  if (depth == HealthDepth::live) return {"consumer", Severity::none, name_of(consumer) + " runs"};
  if (consumer.in_cooldown) {
    return {
        "consumer", Severity::critical,
        fmt::format("{} cools down after {} attempts to connect", name_of(consumer), consumer.retry_count)};
  }
  if (consumer.connection == "disconnected") {
    return {"consumer", Severity::critical,
            fmt::format("{} has no connection, after {} attempts", name_of(consumer), consumer.retry_count)};
  }
  if (!pipeline::read_runtime_detail(consumer.detail).is_on)
    return {"consumer", Severity::info, name_of(consumer) + " is switched off and handles nothing"};
  return {"consumer", Severity::none, fmt::format("{} is {}", name_of(consumer), consumer.connection)};
}

/// Handlers that pause, and alerts that only the consumer itself can measure.
void add_told_by(const store::RuntimeState& consumer, std::vector<HealthCheck>& checks) {
  const pipeline::RuntimeDetail detail = pipeline::read_runtime_detail(consumer.detail);
  for (const pipeline::OpenBreaker& breaker : detail.paused) {
    checks.push_back({"handler", Severity::warning,
                      fmt::format("{} of {} has paused for {}, its dependency fails: {}", breaker.handler,
                                  name_of(consumer), seconds_text(breaker.open_for), breaker.reason)});
  }
  for (const pipeline::RaisedAlert& alert : detail.raised) {
    if (alert.alert != to_string(AlertRule::error_rate) &&
        alert.alert != to_string(AlertRule::processing_time))
      continue;
    checks.push_back({.name = alert.alert,
                      .severity = severity_named(alert.severity),
                      .text = fmt::format("{}: {}", name_of(consumer), alert.text),
                      .is_alert = true});
  }
}

HealthCheck check_registry(const std::string& fault) {
  if (fault.empty()) return {"schema_registry", Severity::none, "it answers"};
  return {"schema_registry", Severity::critical, fault};
}

HealthCheck check_store(const VitalSigns& signs, const std::vector<store::CheckResult>& problems) {
  if (!signs.store_fault.empty()) return {"store", Severity::critical, signs.store_fault};
  if (!signs.figures) return {"store", Severity::none, "there is none yet"};
  for (const store::CheckResult& result : problems) {
    if (result.problems == 0) continue;
    return {"store", Severity::critical,
            fmt::format("{} problems: {}: {}", result.problems, result.name, result.sample),
            static_cast<double>(result.problems)};
  }
  return {"store", Severity::none, problems.empty() ? "it opens" : "it is sound"};
}

HealthCheck check_outbox(const store::StoreFigures& figures) {
  const std::string text = fmt::format("{} records wait to be sent, {} never can be", figures.outbox_waiting,
                                       figures.outbox_parked);
  return {"outbox", figures.outbox_parked > 0 ? Severity::warning : Severity::none, text,
          static_cast<double>(figures.outbox_waiting)};
}

void add_measured(const VitalSigns& signs, const config::AlertSettings& settings,
                  std::vector<HealthCheck>& checks) {
  const Measures measures = measures_of(signs);
  for (const AlertRule rule : {AlertRule::lag, AlertRule::dlq_growth, AlertRule::disk}) {
    const auto value = measure_of(measures, rule);
    if (!value) continue;
    const config::AlertLimits& limits = limits_of(settings, rule);
    Alert alert{.rule = rule, .severity = severity_of(rule, *value, limits), .value = *value, .since = {}};
    checks.push_back({to_string(rule), alert.severity, describe(alert, limits), value, true});
  }
}

/// Where the broker is not asked, the consumers that are alive tell.
bool is_connected(const VitalSigns& signs, const HealthQuestion& question) {
  if (question.depth != HealthDepth::live) return signs.cluster.has_value();
  const auto any = [&](std::string_view connection) {
    return std::any_of(signs.consumers.begin(), signs.consumers.end(), [&](const store::RuntimeState& each) {
      return each.connection == connection && !pipeline::is_gone(each, question.now);
    });
  };
  return any("connected") && !any("disconnected");
}

void add_state(HealthReport& report, const HealthQuestion& question) {
  report.enabled = question.needs_broker;
  report.kafka = !question.needs_broker                 ? "embedded"
                 : is_connected(report.signs, question) ? "connected"
                                                        : "disconnected";
  for (const store::RuntimeState& consumer : report.signs.consumers) {
    if (pipeline::is_gone(consumer, question.now)) continue;
    report.in_cooldown = report.in_cooldown || consumer.in_cooldown;
    report.retry_count = std::max(report.retry_count, consumer.retry_count);
  }
}

}  // namespace

HealthReport judge_health(VitalSigns signs, const HealthQuestion& question,
                          const std::vector<store::CheckResult>& store_problems) {
  HealthReport report{.kafka = {},
                      .enabled = false,
                      .taken = question.now,
                      .checks = {},
                      .signs = std::move(signs),
                      .libraries = question.libraries};
  const HealthDepth depth = question.depth;
  add_state(report, question);
  if (question.needs_broker && depth != HealthDepth::live) report.checks.push_back(check_kafka(report.signs));
  if (depth == HealthDepth::connection) return report;
  for (const store::RuntimeState& consumer : report.signs.consumers) {
    report.checks.push_back(check_consumer(consumer, depth, question.now));
  }
  report.checks.push_back(check_store(report.signs, store_problems));
  if (report.signs.registry_fault) report.checks.push_back(check_registry(*report.signs.registry_fault));
  if (depth != HealthDepth::deep) return report;
  for (const store::RuntimeState& consumer : report.signs.consumers) {
    if (!pipeline::is_gone(consumer, question.now)) add_told_by(consumer, report.checks);
  }
  if (report.signs.figures) report.checks.push_back(check_outbox(*report.signs.figures));
  add_measured(report.signs, question.limits, report.checks);
  return report;
}

Severity worst(const HealthReport& report) {
  Severity severity = Severity::none;
  for (const HealthCheck& check : report.checks) severity = std::max(severity, check.severity);
  return severity;
}

bool is_healthy(const HealthReport& report) {
  return worst(report) != Severity::critical;
}

}  // namespace kbeat::upkeep
