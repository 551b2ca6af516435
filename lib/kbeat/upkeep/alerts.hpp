// Alerts: measures against limits, with hysteresis, one message per change.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/upkeep_settings.hpp"

namespace kbeat::upkeep {

enum class Severity { none, info, warning, critical };
[[nodiscard]] const char* to_string(Severity severity);
/// `none` for a word that is none of them.
[[nodiscard]] Severity severity_named(std::string_view word);

enum class AlertRule { lag, error_rate, processing_time, disconnection, dlq_growth, disk };
inline constexpr std::array k_alert_rules{
    AlertRule::lag,           AlertRule::error_rate, AlertRule::processing_time,
    AlertRule::disconnection, AlertRule::dlq_growth, AlertRule::disk};
[[nodiscard]] const char* to_string(AlertRule rule);

/// What is known of each rule's subject; nothing where it is not known.
struct Measures {
  std::optional<double> lag;
  std::optional<double> error_rate;
  std::optional<double> processing_time;
  std::optional<double> disconnection;
  std::optional<double> dlq_growth;
  std::optional<double> disk;
};
[[nodiscard]] std::optional<double> measure_of(const Measures& measures, AlertRule rule);
[[nodiscard]] const config::AlertLimits& limits_of(const config::AlertSettings& settings, AlertRule rule);

/// The severity that `value` has by itself. A disk gets worse as its value falls, all others as theirs rises.
[[nodiscard]] Severity severity_of(AlertRule rule, double value, const config::AlertLimits& limits);

/// An alert as it stands.
struct Alert {
  AlertRule rule = AlertRule::lag;
  Severity severity = Severity::none;
  double value = 0;
  WallTime since;
};

/// One sentence for people, such as `1200 records (warning at 1000 records)`.
[[nodiscard]] std::string describe(const Alert& alert, const config::AlertLimits& limits);

/// `{"alert","severity","former","value","text","since"}`: what is delivered when an alert changes.
struct AlertChange {
  Alert alert;
  Severity former = Severity::none;
  std::string text;
};
[[nodiscard]] std::string to_json(const AlertChange& change);

/// Remembers what is raised. Not safe for several threads.
class AlertBook {
 public:
  explicit AlertBook(const config::AlertSettings& settings) : m_settings(settings) {}

  /// The changes that the measures bring. A severity falls only when the value is better than its limit by
  /// the hysteresis; a rule whose measure is not known keeps its state.
  [[nodiscard]] std::vector<AlertChange> judge(const Measures& measures, WallTime now);

  /// Those with a severity.
  [[nodiscard]] std::vector<Alert> active() const;

 private:
  config::AlertSettings m_settings;
  std::array<Alert, k_alert_rules.size()> m_alerts{};
};

/// 100 without alerts; 5 less for each info, 15 for each warning and 40 for each critical one, down to 0.
[[nodiscard]] double health_score(const std::vector<Alert>& active);

}  // namespace kbeat::upkeep
