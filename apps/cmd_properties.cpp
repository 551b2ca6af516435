// Prints librdkafka's properties.
#include "cmd_properties.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exit_code.hpp"
#include "kbeat/transport/kafka/kafka_conf.hpp"

namespace kbeat::app {
namespace {

void print(Output& out, const char* title, const transport::Properties& properties) {
  out.write(fmt::format("# {}\n", title));
  for (const auto& [name, value] : properties) out.write(fmt::format("{}={}\n", name, value));
}

}  // namespace

int run_properties(const config::Flags& flags, Context& context) {
  const bool list =
      std::find(flags.properties.begin(), flags.properties.end(), "list") != flags.properties.end();
  Output& out = context.io.out();
  if (list) {
    out.write(transport::property_table());
    return k_exit_done;
  }
  const config::KafkaSettings& settings = context.settings().transport.kafka;
  print(out, "consumers", transport::effective_consumer_properties(settings));
  print(out, "producers", transport::effective_producer_properties(settings));
  return k_exit_done;
}

}  // namespace kbeat::app
