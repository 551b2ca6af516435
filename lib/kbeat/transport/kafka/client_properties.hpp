// Which librdkafka properties a client gets: the house's defaults, the preset, the user's, what must be so.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kbeat/config/settings.hpp"
#include "kbeat/transport/consumer.hpp"
#include "kbeat/transport/producer.hpp"
#include "kbeat/transport/token_source.hpp"

namespace kbeat::transport {

/// In the order in which they are set; a later one replaces an earlier one.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// What a client is made of.
struct ClientParts {
  Properties properties;
  std::shared_ptr<TokenSource> tokens{};  ///< for OAUTHBEARER; null: it uses none
};

[[nodiscard]] Properties consumer_properties(const config::KafkaSettings& settings,
                                             const ConsumerOptions& options);
[[nodiscard]] Properties producer_properties(const config::KafkaSettings& settings,
                                             const ProducerOptions& options);
/// A client that belongs to no group and makes no topic by looking at it.
[[nodiscard]] Properties admin_properties(const config::KafkaSettings& settings, Isolation isolation,
                                          const std::string& client_id);

/// Why the user's value of a property is passed over, or empty when it counts.
[[nodiscard]] std::string_view why_reserved(std::string_view property);

/// True when the user's `acks` is other than all: then a producer cannot be idempotent.
[[nodiscard]] bool asks_for_fewer_acks(const config::KafkaSettings& settings);

}  // namespace kbeat::transport
