// Settings about Kafka: brokers, the connect loop, security, and what maps to librdkafka's properties.
#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {
namespace {

constexpr std::int64_t k_largest_int = 2'147'483'647;  // librdkafka keeps its numbers as int

void set_property(Target target, const char* property, std::string value) {
  target.kafka.properties.emplace_back(property, std::move(value));
}

int parse_count(const Given& given, std::int64_t least) {
  return static_cast<int>(parse_whole(given, least, k_largest_int));
}

std::string canonical_bool(const Given& given) {
  return parse_bool(given) ? "true" : "false";
}

std::string canonical_brokers(const Given& given) {
  std::string all;
  for (const std::string& broker : parse_brokers(given)) all += broker + ",";
  return all;
}

/// earliest or latest, by either of Kafka's names.
std::string canonical_reset(const Given& given) {
  const std::string word =
      parse_choice(given, {"earliest", "latest", "beginning", "end", "smallest", "largest"});
  return word == "earliest" || word == "beginning" || word == "smallest" ? "earliest" : "latest";
}

void apply_acks(Target target, const Given& given) {
  set_property(target, "acks", parse_choice(given, {"all", "-1", "0", "1"}));
}

void apply_retries(Target target, const Given& given) {
  set_property(target, "retries", std::to_string(parse_whole(given, 0, k_largest_int)));
}

void apply_batch_size(Target target, const Given& given) {
  const std::int64_t bytes = parse_whole(given, 1, k_largest_int);
  // Libraries that count bytes accept any number here; 1 is their way to say "no batching".
  if (bytes == 1) {
    set_property(target, "batch.num.messages", "1");
    set_property(target, "linger.ms", "0");
  } else {
    set_property(target, "batch.size", std::to_string(bytes));
  }
}

void apply_linger(Target target, const Given& given) {
  constexpr std::int64_t k_longest_ms = 900'000;
  set_property(target, "linger.ms", std::to_string(parse_whole(given, 0, k_longest_ms)));
}

void apply_compression(Target target, const Given& given) {
  set_property(target, "compression.codec", parse_choice(given, {"none", "gzip", "snappy", "lz4", "zstd"}));
}

void apply_fetch_min_bytes(Target target, const Given& given) {
  constexpr std::int64_t k_highest = 100'000'000;
  set_property(target, "fetch.min.bytes", std::to_string(parse_whole(given, 1, k_highest)));
}

void apply_protocol(Target target, const Given& given) {
  target.kafka.security_protocol = parse_choice(given, {"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"});
}

void apply_mechanism(Target target, const Given& given) {
  target.kafka.sasl_mechanism =
      parse_choice(given, {"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "GSSAPI", "OAUTHBEARER"});
}

std::vector<Setting> connection_settings() {
  return {
      {"kafka.brokers",
       {"KAFKA_BOOTSTRAP_SERVERS", "KAFKA_BROKERS", "KAFKA_BROKER"},
       "",
       "HOST:PORT, a comma list or a JSON list of them",
       [](Target to, const Given& given) { to.settings.transport.kafka.brokers = parse_brokers(given); },
       Secrecy::open,
       canonical_brokers},
      {"kafka.enabled",
       {"ENABLE_KAFKA", "KAFKA_ENABLED"},
       "",
       "true or false",
       [](Target to, const Given& given) { to.kafka.enabled = canonical_bool(given); },
       Secrecy::open,
       canonical_bool},
      {"kafka.topic",
       {"KAFKA_TOPIC"},
       "",
       "a topic name",
       [](Target to, const Given& given) { to.settings.consume.topic = given.text; }},
      {"kafka.group",
       {"KAFKA_GROUP_ID", "KAFKA_CONSUMER_GROUP_ID"},
       "kbeat",
       "a group name",
       [](Target to, const Given& given) {
         if (given.text.empty()) refuse(given, "a group needs a name");
         to.settings.consume.group = given.text;
       }},
      {"kafka.offset_reset",
       {"KAFKA_AUTO_OFFSET_RESET", "KAFKA_CONSUMER_AUTO_OFFSET_RESET"},
       "",
       "earliest or latest",
       [](Target to, const Given& given) { to.settings.consume.offset_reset = canonical_reset(given); },
       Secrecy::open,
       canonical_reset},
      {"connect.max_retries",
       {"KAFKA_CONNECTION_MAX_RETRIES"},
       "10",
       "a whole number from 1",
       [](Target to, const Given& given) { to.settings.connect.max_retries = parse_count(given, 1); }},
      {"connect.retry_delay",
       {"KAFKA_CONNECTION_RETRY_DELAY"},
       "3000",
       "milliseconds or a span such as 3s",
       [](Target to, const Given& given) { to.settings.connect.retry_delay = parse_span(given); }},
      {"connect.cooldown",
       {"KAFKA_COOLDOWN"},
       "30000",
       "milliseconds or a span such as 30s",
       [](Target to, const Given& given) { to.settings.connect.cooldown = parse_span(given); }},
      {"connect.backoff",
       {},
       "fixed",
       "fixed or exponential",
       [](Target to, const Given& given) {
         to.settings.connect.exponential = parse_choice(given, {"fixed", "exponential"}) == "exponential";
       }},
  };
}

std::vector<Setting> security_settings() {
  return {
      {"kafka.security_protocol",
       {"KAFKA_SECURITY_PROTOCOL"},
       "",
       "plaintext, ssl, sasl_plaintext or sasl_ssl",
       apply_protocol},
      {"kafka.sasl_mechanism",
       {"KAFKA_SASL_MECHANISM"},
       "",
       "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI or OAUTHBEARER",
       apply_mechanism},
      {"kafka.sasl_username",
       {"KAFKA_SASL_USERNAME", "KAFKA_USERNAME"},
       "",
       "a user name",
       [](Target to, const Given& given) { to.kafka.sasl_username = given.text; }},
      {"kafka.sasl_password",
       {"KAFKA_SASL_PASSWORD", "KAFKA_PASSWORD"},
       "",
       "a password",
       [](Target to, const Given& given) { to.kafka.sasl_password = given.text; },
       Secrecy::secret},
      {"kafka.sasl_password_file",
       {},
       "",
       "the path of a file that holds the password",
       [](Target to, const Given& given) { to.kafka.sasl_password_file = given.text; }},
      {"kafka.ssl_cafile",
       {"KAFKA_SSL_CAFILE"},
       "",
       "the path of a PEM file",
       [](Target to, const Given& given) { set_property(to, "ssl.ca.location", std::string(given.text)); }},
      {"kafka.ssl_certfile",
       {"KAFKA_SSL_CERTFILE"},
       "",
       "the path of a PEM file",
       [](Target to, const Given& given) {
         set_property(to, "ssl.certificate.location", std::string(given.text));
       }},
      {"kafka.ssl_keyfile",
       {"KAFKA_SSL_KEYFILE"},
       "",
       "the path of a PEM file",
       [](Target to, const Given& given) { set_property(to, "ssl.key.location", std::string(given.text)); }},
  };
}

std::vector<Setting> client_settings() {
  return {
      {"producer.acks", {"KAFKA_PRODUCER_ACKS"}, "", "all, 0 or 1", apply_acks},
      {"producer.retries", {"KAFKA_PRODUCER_RETRIES"}, "", "a whole number from 0", apply_retries},
      {"producer.batch_size",
       {"KAFKA_PRODUCER_BATCH_SIZE"},
       "",
       "bytes, or 1 for no batching",
       apply_batch_size},
      {"producer.linger_ms", {"KAFKA_PRODUCER_LINGER_MS"}, "", "milliseconds from 0 to 900000", apply_linger},
      {"producer.compression",
       {"KAFKA_PRODUCER_COMPRESSION_TYPE"},
       "",
       "none, gzip, snappy, lz4 or zstd",
       apply_compression},
      {"consumer.auto_commit",
       {"KAFKA_CONSUMER_ENABLE_AUTO_COMMIT"},
       "",
       "true or false",
       [](Target to, const Given& given) { to.settings.consume.auto_commit = parse_bool(given); }},
      {"consumer.fetch_min_bytes",
       {"KAFKA_CONSUMER_FETCH_MIN_BYTES"},
       "",
       "bytes from 1 to 100000000",
       apply_fetch_min_bytes},
      {"preset",
       {},
       "",
       "throughput or latency",
       [](Target to, const Given& given) {
         const bool throughput = parse_choice(given, {"throughput", "latency"}) == "throughput";
         to.settings.transport.kafka.preset = throughput ? Preset::throughput : Preset::latency;
       }},
  };
}

}  // namespace

std::vector<Setting> kafka_settings() {
  std::vector<Setting> all = connection_settings();
  for (auto part : {security_settings(), oauth_settings(), client_settings()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace kbeat::config
