// The forms of a health report.
#include "health_output.hpp"

#include <fmt/format.h>

#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

Listing listing_of(const upkeep::HealthReport& report) {
  Listing listing{{"check", "state", "text"}, {}};
  for (const upkeep::HealthCheck& check : report.checks) {
    const bool ok = check.severity == upkeep::Severity::none;
    listing.rows.push_back({check.name, ok ? "ok" : upkeep::to_string(check.severity), check.text});
  }
  return listing;
}

std::string limit_text(const std::optional<double>& limit, const char* form) {
  return limit ? fmt::format(fmt::runtime(form), *limit) : "";
}

std::string performance(const upkeep::HealthReport& report, const config::AlertSettings& settings) {
  std::string out;
  for (const upkeep::HealthCheck& check : report.checks) {
    for (const upkeep::AlertRule rule : upkeep::k_alert_rules) {
      if (!check.value || check.name != upkeep::to_string(rule)) continue;
      const config::AlertLimits& limits = upkeep::limits_of(settings, rule);
      // A range from the limit up means: bad when below it.
      const char* form = rule == upkeep::AlertRule::disk ? "{}:" : "{}";
      out += fmt::format(" {}={};{};{}", check.name, *check.value, limit_text(limits.warning, form),
                         limit_text(limits.critical, form));
    }
  }
  return out;
}

}  // namespace

std::string plugin_text(std::string_view text) {
  std::string out = escape_for_terminal(text, 200);
  for (char& c : out) {
    if (c == '|') c = '/';
  }
  return out;
}

void print_brief_health(const upkeep::HealthReport& report, OutputForm form, Output& out) {
  if (form == OutputForm::json) return out.write(upkeep::brief_json(report) + "\n");
  const Listing listing{
      {"kafka", "in_cooldown", "retry_count", "enabled", "timestamp"},
      {{report.kafka, report.in_cooldown, report.retry_count, report.enabled, to_rfc3339(report.taken)}}};
  print_listing(listing, form, out);
}

void print_health(const upkeep::HealthReport& report, OutputForm form, Output& out) {
  if (form == OutputForm::json) {
    out.write(upkeep::full_json(report) + "\n");
  } else {
    print_listing(listing_of(report), form, out);
  }
}

int print_nagios(const upkeep::HealthReport& report, const config::AlertSettings& limits, Output& out) {
  const upkeep::Severity severity = upkeep::worst(report);
  std::string faults;
  for (const upkeep::HealthCheck& check : report.checks) {
    if (check.severity < upkeep::Severity::warning) continue;
    faults += fmt::format("{}{}: {}", faults.empty() ? "" : "; ", check.name, plugin_text(check.text));
  }
  const bool critical = severity == upkeep::Severity::critical;
  const bool warning = severity == upkeep::Severity::warning;
  const std::string text = faults.empty() ? fmt::format("{} checks passed", report.checks.size()) : faults;
  out.write(fmt::format("KBEAT {} - {} |{}\n",
                        critical  ? "CRITICAL"
                        : warning ? "WARNING"
                                  : "OK",
                        text, performance(report, limits)));
  return critical ? k_nagios_critical : warning ? k_nagios_warning : k_nagios_ok;
}

}  // namespace kbeat::app
