// Health: vital signs judged, as one report for people, probes and monitoring systems.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/library_facts.hpp"
#include "kbeat/store/store_check.hpp"
#include "kbeat/upkeep/vital_signs.hpp"

namespace kbeat::upkeep {

/// How deep to look: `live` at the processes alone, `ready` at what they need too, `deep` at everything.
enum class HealthDepth { live, connection, ready, deep };

struct HealthCheck {
  std::string name;
  Severity severity = Severity::none;
  std::string text;
  std::optional<double> value{};
  bool is_alert = false;  ///< of an alert rule, measured here or by a running consumer
};

struct HealthReport {
  std::string kafka;  ///< connected, disconnected, embedded
  bool in_cooldown = false;
  int retry_count = 0;
  bool enabled = false;
  WallTime taken;
  std::vector<HealthCheck> checks;
  VitalSigns signs;
  std::vector<LibraryFacts> libraries{};
};

struct HealthQuestion {
  HealthDepth depth = HealthDepth::connection;
  bool needs_broker = false;
  config::AlertSettings limits;
  WallTime now;
  std::vector<LibraryFacts> libraries{};  ///< handed on to the report
};

/// Judges what was found. `store_problems` is what a look through the whole file found, if there was one.
[[nodiscard]] HealthReport judge_health(VitalSigns signs, const HealthQuestion& question,
                                        const std::vector<store::CheckResult>& store_problems = {});

/// The worst of the checks.
[[nodiscard]] Severity worst(const HealthReport& report);
/// False when something is critical: the exit code, and 503 over HTTP.
[[nodiscard]] bool is_healthy(const HealthReport& report);

/// One object on one line; the brief one is what a connection's health is everywhere.
[[nodiscard]] std::string brief_json(const HealthReport& report);
[[nodiscard]] std::string full_json(const HealthReport& report);
/// The array of libraries in it.
[[nodiscard]] std::string libraries_json(const std::vector<LibraryFacts>& libraries);

}  // namespace kbeat::upkeep
