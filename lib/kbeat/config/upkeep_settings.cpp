// The table's part about metrics and alerts.
#include "kbeat/config/upkeep_settings.hpp"

#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {
namespace {

constexpr const char* k_limits_form =
    "a list such as warning=10,critical=100 (info too), of numbers that get worse, or off";

/// Reads `warning=1,critical=10`. `sign` is 1 when larger is worse, -1 when smaller is.
AlertLimits parse_limits(const Given& given, double sign) {
  AlertLimits limits;
  if (given.text == "off") return limits;
  for (const std::string& part : parse_list(given)) {
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos) refuse(given, "has a part without =");
    const std::string_view name = std::string_view(part).substr(0, equals);
    const Given value{given.name, std::string_view(part).substr(equals + 1), given.source, given.form};
    constexpr double k_most = 1e15;
    const double number = parse_fraction(value, 0, k_most);
    if (name == "info")
      limits.info = number;
    else if (name == "warning")
      limits.warning = number;
    else if (name == "critical")
      limits.critical = number;
    else
      refuse(given, "names a severity that is not info, warning or critical");
  }
  double last = -1e18;
  for (const auto& limit : {limits.info, limits.warning, limits.critical}) {
    if (limit && *limit * sign < last) refuse(given, "has a severer limit that is reached earlier");
    if (limit) last = *limit * sign;
  }
  return limits;
}

std::vector<Setting> metric_settings() {
  return {
      {"metrics.listen",
       {},
       "",
       "HOST:PORT",
       [](Target to, const Given& given) { to.settings.metrics.listen = given.text; }},
      {"metrics.file",
       {},
       "",
       "a file",
       [](Target to, const Given& given) { to.settings.metrics.file = given.text; }},
  };
}

std::vector<Setting> limit_settings() {
  return {
      {"alerts.lag",
       {},
       "warning=1000,critical=10000",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.lag = parse_limits(given, 1); }},
      {"alerts.error_rate",
       {},
       "warning=0.05,critical=0.25",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.error_rate = parse_limits(given, 1); }},
      {"alerts.processing_time",
       {},
       "warning=5,critical=30",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.processing_time = parse_limits(given, 1); }},
      {"alerts.disconnection",
       {},
       "warning=10,critical=60",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.disconnection = parse_limits(given, 1); }},
      {"alerts.dlq_growth",
       {},
       "warning=1,critical=100",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.dlq_growth = parse_limits(given, 1); }},
      {"alerts.disk",
       {},
       "warning=0.1,critical=0.05",
       k_limits_form,
       [](Target to, const Given& given) { to.settings.alerts.disk = parse_limits(given, -1); }},
  };
}

std::vector<Setting> delivery_settings() {
  return {
      {"alerts.hysteresis",
       {},
       "0.1",
       "a fraction from 0 to 1",
       [](Target to, const Given& given) { to.settings.alerts.hysteresis = parse_fraction(given, 0, 1); }},
      {"alerts.exec",
       {},
       "",
       "a program with its arguments",
       [](Target to, const Given& given) { to.settings.alerts.exec = given.text; }},
      {"alerts.webhook",
       {},
       "",
       "an http or https URL",
       [](Target to, const Given& given) { to.settings.alerts.webhook = parse_url(given); },
       Secrecy::secret},
      {"notify.exec",
       {},
       "",
       "a program with its arguments",
       [](Target to, const Given& given) { to.settings.notify.exec = given.text; }},
      {"notify.webhook",
       {},
       "",
       "an http or https URL",
       [](Target to, const Given& given) { to.settings.notify.webhook = parse_url(given); },
       Secrecy::secret},
  };
}

}  // namespace

std::vector<Setting> upkeep_settings() {
  std::vector<Setting> all = metric_settings();
  for (auto part : {limit_settings(), delivery_settings()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

AlertSettings default_alerts() {
  Settings settings;
  KafkaInputs kafka;
  for (const Setting& setting : limit_settings()) {
    setting.apply({settings, kafka}, {setting.name, setting.default_text, "default", setting.form});
  }
  return settings.alerts;
}

}  // namespace kbeat::config
