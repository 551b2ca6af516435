// Decides between Kafka and the embedded log.
#pragma once

#include <string>

#include "kbeat/config/setting_table.hpp"

namespace kbeat::config {

struct TransportDecision {
  TransportChoice choice = TransportChoice::embedded;
  /// Why the embedded log is used when nobody asked for it by name; empty otherwise.
  std::string notice;
};

/// Settles `settings.transport` by the rules of `--transport auto`, brokers included.
[[nodiscard]] TransportDecision choose_transport(const KafkaInputs& inputs, TransportSettings& settings);

}  // namespace kbeat::config
