// The topics that the house knows by name: how many partitions, how long their records are kept.
#pragma once

#include <span>
#include <string_view>

#include "kbeat/transport/admin.hpp"

namespace kbeat::transport {

struct KnownTopic {
  std::string_view name;
  int partitions = 1;
  std::string_view retention_ms;  ///< "-1": no time limit
  std::string_view cleanup_policy;
};

[[nodiscard]] std::span<const KnownTopic> known_topics();

/// How a topic is made when nobody says otherwise: as the table has it; NAME-state of a known NAME with as
/// many partitions and compacted only; any other with one partition and the transport's defaults.
[[nodiscard]] TopicSpec default_spec(const TopicName& topic);

}  // namespace kbeat::transport
