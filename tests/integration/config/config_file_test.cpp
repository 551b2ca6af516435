// The config file and property files: what they may hold and how they are refused.
#include "kbeat/config/config_file.hpp"

#include <sys/stat.h>
#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/config/kafka_properties.hpp"
#include "support/temp_dir.hpp"
#include "support/text_file.hpp"

using namespace kbeat;
using namespace kbeat::config;
using kbeat::test::TempDir;
using kbeat::test::write_text;

TEST_CASE("tables become dotted names, lists and numbers become text", "[config]") {
  const TempDir dir;
  const ConfigFile file = read_config_file(write_text(dir / "c.toml", R"(
transport = "kafka"
[kafka]
brokers = ["a:1", "b:2"]
enabled = true
[kafka.properties]
linger.ms = 5
"client.rack" = "r1"
[retry]
jitter = 0.5
[profile.dev]
data_dir = "/tmp/dev"
[profile.dev.kafka]
properties = {"debug" = "broker"}
)"));
  CHECK(file.base.values.at("transport") == "kafka");
  CHECK(file.base.values.at("kafka.brokers") == R"(["a:1","b:2"])");
  CHECK(file.base.values.at("kafka.enabled") == "true");
  CHECK(file.base.values.at("retry.jitter") == "0.5");
  CHECK(file.base.properties == Properties{{"client.rack", "r1"}, {"linger.ms", "5"}});
  CHECK(file.profiles.at("dev").values.at("data_dir") == "/tmp/dev");
  CHECK(file.profiles.at("dev").properties == Properties{{"debug", "broker"}});
}

TEST_CASE("a config that is wrong is refused with its line", "[config]") {
  const TempDir dir;
  const std::vector<std::pair<std::string, std::string>> files{
      {"transport = \n", "line 1"},
      {"\ntransprot = \"kafka\"\n", "line 2: transprot is no setting; did you mean transport?"},
      {"[kafka]\nbroker = \"a\"\n", "did you mean kafka.brokers?"},
      {"timeout = 2020-01-01\n", "must be a string"},
      {"[kafka]\nbrokers = [1]\n", "only strings"},
      {"profile = 1\n", "[profile.NAME]"},
      {std::string("a = \"\0\"", 7), "NUL"},
  };
  for (const auto& [content, reason] : files) {
    CAPTURE(content);
    CHECK_THROWS_WITH(read_config_file(write_text(dir / "c.toml", content)), Catch::Contains(reason));
  }
}

TEST_CASE("what is no readable small file is refused at once", "[config]") {
  const TempDir dir;
  CHECK_THROWS_WITH(read_config_file(dir.path() / "missing"), Catch::Contains("no such file"));
  CHECK_THROWS_WITH(read_config_file(dir.path()), Catch::Contains("not a regular file"));
  const auto fifo = dir.path() / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_config_file(fifo), Catch::Contains("not a regular file"));
  CHECK_THROWS_WITH(read_config_file(write_text(dir / "big", std::string((1u << 20) + 1, '#'))),
                    Catch::Contains("larger"));
}

TEST_CASE("property files hold name=value lines and comments", "[config]") {
  const TempDir dir;
  const auto path = write_text(dir / "p", "# a comment\n\n linger.ms = 5 \r\nssl.key.password=a=b\n");
  CHECK(read_property_file(path) == Properties{{"linger.ms", "5"}, {"ssl.key.password", "a=b"}});
  CHECK_THROWS_WITH(read_property_file(write_text(dir / "q", "ok=1\nlinger\n")), Catch::Contains("line 2"));
}

TEST_CASE("secrets are told by the property's name", "[config]") {
  for (const char* name : {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
                           "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    CAPTURE(name);
    CHECK(is_secret_property(name));
    CHECK_THROWS_WITH(parse_property_flag(std::string(name) + "=hunter2"), !Catch::Contains("hunter2"));
  }
  for (const char* name :
       {"sasl.username", "ssl.key.location", "linger.ms", "sasl.oauthbearer.token.endpoint.url"}) {
    CAPTURE(name);
    CHECK_FALSE(is_secret_property(name));
  }
}
