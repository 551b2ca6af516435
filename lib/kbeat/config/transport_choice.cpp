// The rules of `--transport auto`.
#include "kbeat/config/transport_choice.hpp"

#include <fmt/format.h>

namespace kbeat::config {

TransportDecision choose_transport(const KafkaInputs& inputs, TransportSettings& settings) {
  std::vector<std::string>& brokers = settings.kafka.brokers;
  const auto use_kafka = [&] {
    if (brokers.empty()) brokers.emplace_back("localhost:9092");
    return TransportDecision{TransportChoice::kafka, ""};
  };
  if (inputs.transport == "kafka") return use_kafka();
  if (inputs.transport == "embedded") return {TransportChoice::embedded, ""};
  if (inputs.enabled == "false") {
    return {TransportChoice::embedded,
            fmt::format("Kafka is switched off (ENABLE_KAFKA=false): using the embedded log "
                        "in {}; --transport kafka overrides that",
                        settings.data_dir.string())};
  }
  if (!brokers.empty() || inputs.enabled == "true") return use_kafka();
  return {TransportChoice::embedded,
          fmt::format("no Kafka brokers are set: using the embedded log in {} (-b HOST:PORT chooses Kafka)",
                      settings.data_dir.string())};
}

}  // namespace kbeat::config
