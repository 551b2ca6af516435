// Precedence, synonyms, and what is settled from several settings together.
#include "kbeat/config/load.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "support/temp_dir.hpp"
#include "support/text_file.hpp"

using namespace kbeat;
using namespace kbeat::config;
using kbeat::test::TempDir;
using kbeat::test::write_text;

namespace {

Environment with_home(Environment environment = {}) {
  environment.emplace("HOME", "/nonexistent-home");
  return environment;
}

ResolvedValue value_of(const Loaded& loaded, const std::string& name) {
  const auto found = std::find_if(loaded.values.begin(), loaded.values.end(),
                                  [&](const ResolvedValue& value) { return value.name == name; });
  REQUIRE(found != loaded.values.end());
  return *found;
}

std::string property(const Loaded& loaded, const std::string& name) {
  std::string last = "(unset)";
  for (const auto& [key, value] : loaded.settings.transport.kafka.properties) {
    if (key == name) last = value;
  }
  return last;
}

}  // namespace

TEST_CASE("flag, environment, profile, config and default count in this order", "[config]") {
  const TempDir dir;
  const auto path = write_text(dir / "c.toml", "[batch]\nsize = 2\n[profile.p.batch]\nsize = 3\n");
  Flags flags;
  Environment environment = with_home();
  CHECK(value_of(load(flags, environment), "batch.size").source == "default");
  CHECK(load(flags, environment).settings.batch.size == 25);

  flags.config_file = path;
  CHECK(load(flags, environment).settings.batch.size == 2);
  CHECK(value_of(load(flags, environment), "batch.size").source == "config");

  flags.profile = "p";
  CHECK(load(flags, environment).settings.batch.size == 3);
  CHECK(value_of(load(flags, environment), "batch.size").source == "profile p");

  environment["KAFKA_CONSUMER_MAX_POLL_RECORDS"] = "4";
  CHECK(load(flags, environment).settings.batch.size == 4);
  CHECK(value_of(load(flags, environment), "batch.size").source ==
        "environment KAFKA_CONSUMER_MAX_POLL_RECORDS");

  flags.values["batch.size"] = {"--batch-size", "5"};
  CHECK(load(flags, environment).settings.batch.size == 5);
  CHECK(value_of(load(flags, environment), "batch.size").source == "flag --batch-size");
}

TEST_CASE("the config file is found by flag, by variable and at its usual place", "[config]") {
  const TempDir dir;
  std::filesystem::create_directories(dir.path() / "kbeat");
  const auto usual = write_text(dir / "kbeat/config.toml", "[batch]\nsize = 7\n");
  CHECK(load({}, with_home({{"XDG_CONFIG_HOME", dir.path()}})).settings.batch.size == 7);
  CHECK(load({}, with_home({{"KBEAT_CONFIG", usual}})).settings.batch.size == 7);
  CHECK_THROWS_WITH(load({}, with_home({{"KBEAT_CONFIG", dir.path() / "none"}})),
                    Catch::Contains("no such file"));
  Flags flags;
  flags.config_file = usual;
  flags.profile = "porduction";
  CHECK_THROWS_WITH(load(flags, with_home()), Catch::Contains("[profile.porduction]"));
}

TEST_CASE("two synonyms may agree but not differ", "[config]") {
  CHECK_NOTHROW(load({}, with_home({{"KAFKA_BROKER", "a:1"}, {"KAFKA_BROKERS", "a:1"}})));
  CHECK_THROWS_WITH(load({}, with_home({{"KAFKA_BROKER", "a:1"}, {"KAFKA_BOOTSTRAP_SERVERS", "b:1"}})),
                    Catch::Contains("KAFKA_BROKER") && Catch::Contains("KAFKA_BOOTSTRAP_SERVERS"));
  CHECK_THROWS_WITH(load({}, with_home({{"KAFKA_USERNAME", "a"}, {"KAFKA_SASL_USERNAME", "b"}})),
                    Catch::Contains("differ"));
}

TEST_CASE("an empty variable counts as unset and bytes that are not UTF-8 are refused", "[config]") {
  CHECK(value_of(load({}, with_home({{"KAFKA_COOLDOWN", ""}})), "connect.cooldown").source == "default");
  CHECK_THROWS_WITH(load({}, with_home({{"KAFKA_TOPIC", "\xff"}})), Catch::Contains("KAFKA_TOPIC"));
}

TEST_CASE("every variable of the contract reaches its setting", "[config]") {
  const Settings settings = load({}, with_home({{"KAFKA_BOOTSTRAP_SERVERS", R"(["a:1","b:2"])"},
                                                {"KAFKA_TOPIC", "t"},
                                                {"KAFKA_CONSUMER_GROUP_ID", "g"},
                                                {"KAFKA_AUTO_OFFSET_RESET", "largest"},
                                                {"KAFKA_CONNECTION_MAX_RETRIES", "2"},
                                                {"KAFKA_CONNECTION_RETRY_DELAY", "50"},
                                                {"KAFKA_COOLDOWN", "1s"},
                                                {"KAFKA_CONSUMER_ENABLE_AUTO_COMMIT", "true"},
                                                {"SCHEMA_REGISTRY_URL", "http://r:8081"},
                                                {"STATSD_HOST", "s:8125"},
                                                {"STATSD_PREFIX", "p"},
                                                {"ENABLE_EVENT_SOURCING", "yes"},
                                                {"KBEAT_HOME", "/data"},
                                                {"KBEAT_API_TOKEN", "token"},
                                                {"KBEAT_LOG", "debug"}}))
                                .settings;
  CHECK(settings.transport.choice == TransportChoice::kafka);
  CHECK(settings.transport.kafka.brokers == std::vector<std::string>{"a:1", "b:2"});
  CHECK(settings.transport.data_dir == "/data");
  CHECK(settings.consume.topic == "t");
  CHECK(settings.consume.group == "g");
  CHECK(settings.consume.offset_reset == "latest");
  CHECK(settings.consume.auto_commit);
  CHECK(settings.connect.max_retries == 2);
  CHECK(settings.connect.retry_delay == Milliseconds{50});
  CHECK(settings.connect.cooldown == Milliseconds{1000});
  CHECK(settings.schema_registry_url == "http://r:8081");
  CHECK(settings.statsd.host == "s:8125");
  CHECK(settings.statsd.prefix == "p");
  CHECK(settings.event_sourcing);
  CHECK(settings.api_token == "token");
  CHECK(settings.log.level == LogLevel::debug);
}

TEST_CASE("producer and consumer variables become librdkafka's properties", "[config]") {
  const Loaded loaded = load({}, with_home({{"KAFKA_BROKER", "a:1"},
                                            {"KAFKA_PRODUCER_ACKS", "1"},
                                            {"KAFKA_PRODUCER_RETRIES", "9"},
                                            {"KAFKA_PRODUCER_BATCH_SIZE", "65536"},
                                            {"KAFKA_PRODUCER_LINGER_MS", "7"},
                                            {"KAFKA_PRODUCER_COMPRESSION_TYPE", "LZ4"},
                                            {"KAFKA_CONSUMER_FETCH_MIN_BYTES", "10"}}));
  CHECK(property(loaded, "acks") == "1");
  CHECK(property(loaded, "enable.idempotence") == "false");
  CHECK(property(loaded, "retries") == "9");
  CHECK(property(loaded, "batch.size") == "65536");
  CHECK(property(loaded, "linger.ms") == "7");
  CHECK(property(loaded, "compression.codec") == "lz4");
  CHECK(property(loaded, "fetch.min.bytes") == "10");
  REQUIRE(loaded.transport_warnings.size() == 1);
  CHECK_THAT(loaded.transport_warnings[0], Catch::Contains("idempotence"));
}

TEST_CASE("a batch size of 1 means no batching", "[config]") {
  const Loaded loaded = load({}, with_home({{"KAFKA_BROKER", "a:1"}, {"KAFKA_PRODUCER_BATCH_SIZE", "1"}}));
  CHECK(property(loaded, "batch.num.messages") == "1");
  CHECK(property(loaded, "linger.ms") == "0");
  CHECK(property(loaded, "batch.size") == "(unset)");
}

TEST_CASE("a user name alone means SASL_PLAINTEXT with PLAIN, warned about off loopback", "[config]") {
  Environment environment = with_home(
      {{"KAFKA_BROKER", "example.org:9092"}, {"KAFKA_USERNAME", "u"}, {"KAFKA_PASSWORD", "hunter2"}});
  const Loaded remote = load({}, environment);
  CHECK(property(remote, "security.protocol") == "sasl_plaintext");
  CHECK(property(remote, "sasl.mechanisms") == "PLAIN");
  CHECK(property(remote, "sasl.username") == "u");
  CHECK(property(remote, "sasl.password") == "hunter2");
  CHECK(remote.transport_warnings.size() == 1);
  environment["KAFKA_BROKER"] = "localhost:9092";
  CHECK(load({}, environment).transport_warnings.empty());
  environment["KAFKA_PASSWORD"] = "";
  CHECK_THROWS_WITH(load({}, environment), Catch::Contains("without a password"));
}

TEST_CASE("certificates without a protocol mean TLS", "[config]") {
  CHECK(property(load({}, with_home({{"KAFKA_BROKER", "a:1"}, {"KAFKA_SSL_CAFILE", "/ca.pem"}})),
                 "security.protocol") == "ssl");
  CHECK(property(load({}, with_home({{"KAFKA_BROKER", "a:1"},
                                     {"KAFKA_SSL_CAFILE", "/ca.pem"},
                                     {"KAFKA_USERNAME", "u"},
                                     {"KAFKA_PASSWORD", "p"}})),
                 "security.protocol") == "sasl_ssl");
}

TEST_CASE("a password comes from a file without its newline", "[config]") {
  const TempDir dir;
  const auto password = write_text(dir / "secret", "hunter2\n");
  std::filesystem::permissions(password, std::filesystem::perms::owner_read);
  Flags flags;
  flags.config_file = write_text(
      dir / "c.toml", "[kafka]\nbrokers = \"localhost\"\nsasl_username = \"u\"\nsasl_password_file = \"" +
                          password.string() + "\"\n");
  const Loaded loaded = load(flags, with_home());
  CHECK(property(loaded, "sasl.password") == "hunter2");
  CHECK(loaded.transport_warnings.empty());
  std::filesystem::permissions(password, std::filesystem::perms(0644));
  CHECK(load(flags, with_home()).transport_warnings.size() == 1);
}

TEST_CASE("-X stands over -F, which stands over the settings", "[config]") {
  const TempDir dir;
  Flags flags;
  flags.property_files.push_back(write_text(dir / "p", "linger.ms=2\nclient.id=file\n"));
  flags.properties = {"linger.ms=3"};
  const Loaded loaded = load(flags, with_home({{"KAFKA_PRODUCER_LINGER_MS", "1"}}));
  CHECK(property(loaded, "linger.ms") == "3");
  CHECK(property(loaded, "client.id") == "file");
}

TEST_CASE("bootstrap.servers among the properties names brokers and chooses Kafka", "[config]") {
  Flags flags;
  flags.properties = {"bootstrap.servers=a:1,b"};
  const Loaded loaded = load(flags, with_home());
  CHECK(loaded.settings.transport.choice == TransportChoice::kafka);
  CHECK(loaded.settings.transport.kafka.brokers == std::vector<std::string>{"a:1", "b:9092"});
  CHECK(property(loaded, "bootstrap.servers") == "(unset)");
}

TEST_CASE("a property counts like a setting of the same source", "[config]") {
  const TempDir dir;
  Flags flags;
  flags.config_file =
      write_text(dir / "c.toml", "[kafka.properties]\n\"bootstrap.servers\" = \"c:1\"\n\"linger.ms\" = 50\n");
  Environment environment = with_home();
  CHECK(load(flags, environment).settings.transport.kafka.brokers == std::vector<std::string>{"c:1"});
  CHECK(property(load(flags, environment), "linger.ms") == "50");

  environment.insert({{"KAFKA_BROKERS", "e:1"}, {"KAFKA_PRODUCER_LINGER_MS", "7"}});
  CHECK(load(flags, environment).settings.transport.kafka.brokers == std::vector<std::string>{"e:1"});
  CHECK(property(load(flags, environment), "linger.ms") == "7");
  CHECK(load(flags, environment).properties.back().source == "environment KAFKA_PRODUCER_LINGER_MS");

  flags.properties = {"bootstrap.servers=x:1", "linger.ms=9"};
  const Loaded loaded = load(flags, environment);
  CHECK(loaded.settings.transport.kafka.brokers == std::vector<std::string>{"x:1"});
  CHECK(value_of(loaded, "kafka.brokers").source == "flag -X");
  CHECK(property(loaded, "linger.ms") == "9");
}

TEST_CASE("synonyms agree when they mean the same", "[config]") {
  CHECK_NOTHROW(load({}, with_home({{"KAFKA_BROKER", "a,b:1"}, {"KAFKA_BROKERS", R"(["a:9092", "b:1"])"}})));
  CHECK_NOTHROW(load({}, with_home({{"ENABLE_KAFKA", "true"}, {"KAFKA_ENABLED", "1"}})));
  CHECK_THROWS_WITH(load({}, with_home({{"ENABLE_KAFKA", "true"}, {"KAFKA_ENABLED", "no"}})),
                    Catch::Contains("differ"));
  CHECK_THROWS_WITH(load({}, with_home({{"ENABLE_KAFKA", "true"}, {"KAFKA_ENABLED", "maybe"}})),
                    Catch::Contains("environment KAFKA_ENABLED"));
}

TEST_CASE("quiet and verbose set the log's level and exclude each other", "[config]") {
  Flags flags;
  flags.quiet = true;
  CHECK(load(flags, with_home()).settings.log.level == LogLevel::error);
  flags.verbose = 2;
  CHECK_THROWS_AS(load(flags, with_home()), Error);
  flags.quiet = false;
  CHECK(load(flags, with_home()).settings.log.level == LogLevel::debug);
}

TEST_CASE("NO_COLOR counts unless a flag says otherwise", "[config]") {
  Flags flags;
  CHECK(load(flags, with_home({{"NO_COLOR", "1"}})).settings.color == Color::never);
  flags.values["color"] = {"--color", "always"};
  CHECK(load(flags, with_home({{"NO_COLOR", "1"}})).settings.color == Color::always);
}

TEST_CASE("the data directory follows XDG and needs some home", "[config]") {
  CHECK(load({}, {{"HOME", "/h"}}).settings.transport.data_dir == "/h/.local/share/kbeat");
  CHECK(load({}, {{"HOME", "/h"}, {"XDG_DATA_HOME", "/x"}}).settings.transport.data_dir == "/x/kbeat");
  CHECK(load({}, {{"HOME", "/h"}, {"XDG_DATA_HOME", "relative"}}).settings.transport.data_dir ==
        "/h/.local/share/kbeat");
  CHECK_THROWS_WITH(load({}, {}), Catch::Contains("KBEAT_HOME"));
}

TEST_CASE("a flag that sets no setting is a bug that is told", "[config]") {
  Flags flags;
  flags.values["batch.sise"] = {"--batch-size", "5"};
  CHECK_THROWS_WITH(load(flags, with_home()), Catch::Contains("batch.sise"));
}
