// Health reports on stdout: JSON, a table, or the one line of a monitoring plugin.
#pragma once

#include "kbeat/config/upkeep_settings.hpp"
#include "kbeat/upkeep/health.hpp"
#include "output.hpp"

namespace kbeat::app {

/// Only what is known of the connection.
void print_brief_health(const upkeep::HealthReport& report, OutputForm form, Output& out);
void print_health(const upkeep::HealthReport& report, OutputForm form, Output& out);

inline constexpr int k_nagios_ok = 0;
inline constexpr int k_nagios_warning = 1;
inline constexpr int k_nagios_critical = 2;
inline constexpr int k_nagios_unknown = 3;

/// On one line, without the bar that has a meaning to plugins.
[[nodiscard]] std::string plugin_text(std::string_view text);

/// `KBEAT CRITICAL - what is wrong | lag=5;1000;10000 …`. Returns the plugin's code: 0 ok, 1 warning,
/// 2 critical.
[[nodiscard]] int print_nagios(const upkeep::HealthReport& report, const config::AlertSettings& limits,
                               Output& out);

}  // namespace kbeat::app
