// Judging measures, and the words for what came of it.
#include "kbeat/upkeep/alerts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/escape.hpp"

namespace kbeat::upkeep {
namespace {

bool falls_to_be_bad(AlertRule rule) {
  return rule == AlertRule::disk;
}

bool reached(AlertRule rule, double value, const std::optional<double>& limit) {
  if (!limit) return false;
  return falls_to_be_bad(rule) ? value <= *limit : value >= *limit;
}

/// The value as it would be if it were worse by the hysteresis: an alert stays while even that keeps it.
double worsened(AlertRule rule, double value, double hysteresis) {
  if (falls_to_be_bad(rule)) return value / (1 + hysteresis);
  constexpr double k_least_share = 1e-9;  // with all of the value as hysteresis only 0 is better
  return value / std::max(1 - hysteresis, k_least_share);
}

std::string amount(AlertRule rule, double value) {
  switch (rule) {
    case AlertRule::lag: return fmt::format("{:.0f} records", value);
    case AlertRule::error_rate: return fmt::format("{:.1f} % of the last minute's events", value * 100);
    case AlertRule::processing_time: return fmt::format("{:.3g} s an event", value);
    case AlertRule::disconnection: return fmt::format("{:.0f} s", value);
    case AlertRule::dlq_growth: return fmt::format("{:.0f} dead letters in 5 minutes", value);
    case AlertRule::disk: return fmt::format("{:.1f} % free", value * 100);
  }
  return {};
}

std::optional<double> limit_of(const config::AlertLimits& limits, Severity severity) {
  switch (severity) {
    case Severity::info: return limits.info;
    case Severity::warning: return limits.warning;
    case Severity::critical: return limits.critical;
    case Severity::none: break;
  }
  return std::nullopt;
}

}  // namespace

const char* to_string(Severity severity) {
  switch (severity) {
    case Severity::none: return "none";
    case Severity::info: return "info";
    case Severity::warning: return "warning";
    case Severity::critical: return "critical";
  }
  return "none";
}

Severity severity_named(std::string_view word) {
  for (const Severity one : {Severity::info, Severity::warning, Severity::critical}) {
    if (word == to_string(one)) return one;
  }
  return Severity::none;
}

const char* to_string(AlertRule rule) {
  switch (rule) {
    case AlertRule::lag: return "lag";
    case AlertRule::error_rate: return "error_rate";
    case AlertRule::processing_time: return "processing_time";
    case AlertRule::disconnection: return "disconnection";
    case AlertRule::dlq_growth: return "dlq_growth";
    case AlertRule::disk: return "disk";
  }
  return "";
}

std::optional<double> measure_of(const Measures& measures, AlertRule rule) {
  switch (rule) {
    case AlertRule::lag: return measures.lag;
    case AlertRule::error_rate: return measures.error_rate;
    case AlertRule::processing_time: return measures.processing_time;
    case AlertRule::disconnection: return measures.disconnection;
    case AlertRule::dlq_growth: return measures.dlq_growth;
    case AlertRule::disk: return measures.disk;
  }
  return std::nullopt;
}

const config::AlertLimits& limits_of(const config::AlertSettings& settings, AlertRule rule) {
  switch (rule) {
    case AlertRule::lag: return settings.lag;
    case AlertRule::error_rate: return settings.error_rate;
    case AlertRule::processing_time: return settings.processing_time;
    case AlertRule::disconnection: return settings.disconnection;
    case AlertRule::dlq_growth: return settings.dlq_growth;
    case AlertRule::disk: break;
  }
  return settings.disk;
}

Severity severity_of(AlertRule rule, double value, const config::AlertLimits& limits) {
  if (reached(rule, value, limits.critical)) return Severity::critical;
  if (reached(rule, value, limits.warning)) return Severity::warning;
  if (reached(rule, value, limits.info)) return Severity::info;
  return Severity::none;
}

std::string describe(const Alert& alert, const config::AlertLimits& limits) {
  const std::string what = amount(alert.rule, alert.value);
  const auto limit = limit_of(limits, alert.severity);
  return limit ? fmt::format("{} ({} at {})", what, to_string(alert.severity), amount(alert.rule, *limit))
               : what;
}

std::string to_json(const AlertChange& change) {
  std::string text;
  append_json_string(text, change.text);
  return fmt::format(R"({{"alert":"{}","severity":"{}","former":"{}","value":{},"text":{},"since":"{}"}})",
                     to_string(change.alert.rule), to_string(change.alert.severity), to_string(change.former),
                     change.alert.value, text, to_rfc3339(change.alert.since));
}

std::vector<AlertChange> AlertBook::judge(const Measures& measures, WallTime now) {
  std::vector<AlertChange> changes;
  for (std::size_t i = 0; i < k_alert_rules.size(); ++i) {
    const AlertRule rule = k_alert_rules[i];
    const auto value = measure_of(measures, rule);
    if (!value) continue;
    const config::AlertLimits& limits = limits_of(m_settings, rule);
    Alert& alert = m_alerts[i];
    const Severity former = alert.severity;
    Severity severity = severity_of(rule, *value, limits);
    if (severity < former) {
      severity = std::min(former, severity_of(rule, worsened(rule, *value, m_settings.hysteresis), limits));
    }
    alert.rule = rule;
    alert.value = *value;
    if (severity == former) continue;
    alert.severity = severity;
    alert.since = now;
    changes.push_back({alert, former, fmt::format("{}: {}", to_string(rule), describe(alert, limits))});
  }
  return changes;
}

std::vector<Alert> AlertBook::active() const {
  std::vector<Alert> raised;
  std::copy_if(m_alerts.begin(), m_alerts.end(), std::back_inserter(raised),
               [](const Alert& alert) { return alert.severity != Severity::none; });
  return raised;
}

double health_score(const std::vector<Alert>& active) {
  double score = 100;
  for (const Alert& alert : active) {
    constexpr std::array k_costs{0.0, 5.0, 15.0, 40.0};
    score -= k_costs[static_cast<std::size_t>(alert.severity)];
  }
  return std::max(score, 0.0);
}

}  // namespace kbeat::upkeep
