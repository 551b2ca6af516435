// Settings about kbeat itself: where data lies, batches, retries, fetching, logs.
#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {
namespace {

int parse_count(const Given& given, std::int64_t least, std::int64_t most) {
  return static_cast<int>(parse_whole(given, least, most));
}

void apply_level(Target target, const Given& given) {
  const std::string word = parse_choice(given, {"debug", "info", "warning", "error", "off"});
  LogLevel& level = target.settings.log.level;
  if (word == "debug") level = LogLevel::debug;
  if (word == "info") level = LogLevel::info;
  if (word == "warning") level = LogLevel::warning;
  if (word == "error") level = LogLevel::error;
  if (word == "off") level = LogLevel::off;
}

void apply_color(Target target, const Given& given) {
  const std::string word = parse_choice(given, {"auto", "always", "never"});
  if (word == "always") target.settings.color = Color::always;
  if (word == "never") target.settings.color = Color::never;
}

std::vector<Setting> general_settings() {
  return {
      {"transport",
       {"KBEAT_TRANSPORT"},
       "auto",
       "auto, kafka or embedded",
       [](Target to, const Given& given) {
         to.kafka.transport = parse_choice(given, {"auto", "kafka", "embedded"});
       }},
      {"data_dir",
       {"KBEAT_HOME"},
       "",
       "a directory",
       [](Target to, const Given& given) {
         if (given.text.empty()) refuse(given, "is empty");
         to.settings.transport.data_dir = std::filesystem::path(given.text);
       }},
      {"timeout",
       {},
       "",
       "a span such as 10s",
       [](Target to, const Given& given) { to.settings.timeout = parse_span(given); }},
      {"log.level", {"KBEAT_LOG"}, "info", "debug, info, warning, error or off", apply_level},
      {"log.format",
       {},
       "text",
       "text or json",
       [](Target to, const Given& given) {
         const bool json = parse_choice(given, {"text", "json"}) == "json";
         to.settings.log.format = json ? LogFormat::json : LogFormat::text;
       }},
      {"color", {}, "auto", "auto, always or never", apply_color},
      {"api_token",
       {"KBEAT_API_TOKEN"},
       "",
       "a token",
       [](Target to, const Given& given) { to.settings.api_token = given.text; },
       Secrecy::secret},
      {"schema_registry_url",
       {"SCHEMA_REGISTRY_URL"},
       "",
       "an http or https URL",
       [](Target to, const Given& given) {
         to.settings.schema_registry_url = parse_url(given, Login::allowed);
       }},
      {"statsd.host",
       {"STATSD_HOST"},
       "",
       "HOST or HOST:PORT",
       [](Target to, const Given& given) { to.settings.statsd.host = given.text; }},
      {"statsd.prefix",
       {"STATSD_PREFIX"},
       "kbeat",
       "a name",
       [](Target to, const Given& given) { to.settings.statsd.prefix = given.text; }},
      {"event_sourcing",
       {"ENABLE_EVENT_SOURCING"},
       "false",
       "true or false",
       [](Target to, const Given& given) { to.settings.event_sourcing = parse_bool(given); }},
  };
}

std::vector<Setting> work_settings() {
  return {
      {"batch.size",
       {"KAFKA_CONSUMER_MAX_POLL_RECORDS"},
       "25",
       "a whole number from 1 to 100000",
       [](Target to, const Given& given) {
         to.settings.batch.size = static_cast<std::size_t>(parse_whole(given, 1, 100'000));
       }},
      {"batch.timeout",
       {},
       "5s",
       "a span such as 5s",
       [](Target to, const Given& given) { to.settings.batch.timeout = parse_span(given); }},
      {"batch.max_ahead",
       {},
       "10000",
       "a whole number from 1 to 10000000",
       [](Target to, const Given& given) {
         to.settings.batch.max_ahead = static_cast<std::size_t>(parse_whole(given, 1, 10'000'000));
       }},
      {"retry.strategy",
       {},
       "exponential",
       "exponential, fixed, linear or none",
       [](Target to, const Given& given) {
         to.settings.retry.strategy = parse_choice(given, {"exponential", "fixed", "linear", "none"});
       }},
      {"retry.max_retries",
       {},
       "3",
       "a whole number from 0 to 1000000",
       [](Target to, const Given& given) {
         to.settings.retry.max_retries = parse_count(given, 0, 1'000'000);
       }},
      {"retry.delay",
       {},
       "200ms",
       "a span such as 200ms",
       [](Target to, const Given& given) { to.settings.retry.delay = parse_span(given); }},
      {"retry.cap",
       {},
       "30s",
       "a span such as 30s",
       [](Target to, const Given& given) { to.settings.retry.cap = parse_span(given); }},
      {"retry.burst",
       {},
       "100",
       "a whole number from 1 to 1000000",
       [](Target to, const Given& given) {
         to.settings.retry.burst = static_cast<std::size_t>(parse_count(given, 1, 1'000'000));
       }},
      {"retry.order",
       {},
       "key",
       "key or none",
       [](Target to, const Given& given) {
         to.settings.retry.order = parse_choice(given, {"key", "none"});
       }},
      {"retry.breaker",
       {},
       "5",
       "a whole number from 0 to 1000000",
       [](Target to, const Given& given) { to.settings.retry.breaker = parse_count(given, 0, 1'000'000); }},
      {"retry.jitter",
       {},
       "0.2",
       "a fraction from 0 to 1",
       [](Target to, const Given& given) { to.settings.retry.jitter = parse_fraction(given, 0, 1); }},
  };
}

std::vector<Setting> fetch_settings() {
  return {
      {"fetch.allow_private_addresses",
       {},
       "false",
       "true or false",
       [](Target to, const Given& given) { to.settings.fetch.allow_private_addresses = parse_bool(given); }},
      {"fetch.allow_file_urls",
       {},
       "false",
       "true or false",
       [](Target to, const Given& given) { to.settings.fetch.allow_file_urls = parse_bool(given); }},
      {"fetch.max_bytes",
       {},
       "209715200",
       "bytes from 1 to 1073741823",
       // Below 1 GiB: some decoders overflow on sizes beyond it.
       [](Target to, const Given& given) {
         to.settings.fetch.max_bytes = static_cast<std::uint64_t>(parse_whole(given, 1, 1'073'741'823));
       }},
      {"fetch.total",
       {},
       "60s",
       "a span such as 60s",
       [](Target to, const Given& given) { to.settings.fetch.total = parse_span(given); }},
  };
}

}  // namespace

std::vector<Setting> program_settings() {
  std::vector<Setting> all = general_settings();
  for (auto part : {work_settings(), fetch_settings()}) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::span<const Setting> setting_table() {
  static const std::vector<Setting> table = [] {
    std::vector<Setting> all = kafka_settings();
    for (Setting& setting : program_settings()) all.push_back(std::move(setting));
    for (Setting& setting : upkeep_settings()) all.push_back(std::move(setting));
    return all;
  }();
  return table;
}

}  // namespace kbeat::config
