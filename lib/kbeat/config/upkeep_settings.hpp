// Settings of what keeps an eye on a process: metrics and alerts.
#pragma once

#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"

namespace kbeat::config {

struct MetricsSettings {
  std::string listen;  ///< HOST:PORT; empty: off
  std::string file;    ///< for a textfile collector; empty: off
};

/// From which value on an alert has that severity; nothing: never.
struct AlertLimits {
  std::optional<double> info;
  std::optional<double> warning;
  std::optional<double> critical;
};

struct AlertSettings {
  AlertLimits lag;              ///< records
  AlertLimits error_rate;       ///< share of a minute's events that became dead letters
  AlertLimits processing_time;  ///< seconds that an event took, mean of a minute
  AlertLimits disconnection;    ///< seconds without a broker
  AlertLimits dlq_growth;       ///< dead letters of five minutes
  AlertLimits disk;             ///< share of the disk that is free: at or below
  double hysteresis = 0.1;      ///< how much better a value must be before an alert eases, as a share
  std::string exec;             ///< a program that gets each change as JSON
  std::string webhook;          ///< a URL that each change is posted to
};

/// How notifications are delivered; neither: to the log.
struct NotifySettings {
  std::string exec;
  std::string webhook;
};

/// With the limits that the documentation names.
[[nodiscard]] AlertSettings default_alerts();

}  // namespace kbeat::config
