// Sets properties one by one, and dumps them with secrets masked.
#include "kbeat/transport/kafka/kafka_conf.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/config/kafka_properties.hpp"
#include "kbeat/transport/kafka/handles.hpp"

namespace kbeat::transport {
namespace {

[[noreturn]] void refuse(const std::string& name, rd_kafka_conf_res_t result, const char* reason) {
  const std::string shown = escape_for_terminal(name, 120);
  if (result == RD_KAFKA_CONF_UNKNOWN) {
    throw Error(ErrorCode::configuration,
                fmt::format("Kafka has no property \"{}\"; -X list shows them all", shown));
  }
  throw Error(
      ErrorCode::configuration,
      config::is_secret_property(name)
          ? fmt::format("the value of Kafka property \"{}\" is refused; -X list shows what it takes", shown)
          : fmt::format("Kafka property \"{}\" is refused: {}; -X list shows what it takes", shown,
                        escape_for_terminal(reason, 300)));
}

void collect(std::map<std::string, std::string>& into, const char** dump, std::size_t count) {
  for (std::size_t i = 0; i + 1 < count; i += 2) {
    // The first layer counts: a topic's "inherit" says no more than the value it inherits.
    into.emplace(dump[i], config::is_secret_property(dump[i]) && *dump[i + 1] != '\0' ? "***" : dump[i + 1]);
  }
  rd_kafka_conf_dump_free(dump, count);
}

Properties effective(const Properties& properties) {
  const ConfHandle conf(new_conf(properties));
  std::map<std::string, std::string> shown;
  std::size_t count = 0;
  const char** dump = rd_kafka_conf_dump(conf.get(), &count);
  collect(shown, dump, count);
  if (rd_kafka_topic_conf_t* topic = rd_kafka_conf_get_default_topic_conf(conf.get())) {
    dump = rd_kafka_topic_conf_dump(topic, &count);
    collect(shown, dump, count);
  }
  return {shown.begin(), shown.end()};
}

}  // namespace

rd_kafka_conf_s* new_conf(const Properties& properties) {
  ConfHandle conf(rd_kafka_conf_new());
  for (const auto& [name, value] : properties) {
    std::array<char, 512> reason{};
    const auto result =
        rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), reason.data(), reason.size());
    if (result != RD_KAFKA_CONF_OK) refuse(name, result, reason.data());
  }
  return conf.release();
}

Properties effective_consumer_properties(const config::KafkaSettings& settings) {
  return effective(consumer_properties(settings, {}));
}

Properties effective_producer_properties(const config::KafkaSettings& settings) {
  return effective(producer_properties(settings, {}));
}

std::string property_table() {
  char* text = nullptr;
  std::size_t size = 0;
  Handle<std::FILE, std::fclose> stream(open_memstream(&text, &size));
  if (!stream) throw Error(ErrorCode::internal, "no memory for the table of Kafka's properties");
  rd_kafka_conf_properties_show(stream.get());
  stream.reset();
  const Handle<char, std::free> owner(text);
  return {text, size};
}

}  // namespace kbeat::transport
