// A topic as the local transports keep it, and the settings of topics that they know.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/transport/admin.hpp"

namespace kbeat::transport::local {

/// Names a partition for good: a topic made anew has new ones. 0 is none.
using PartitionKey = Strong<struct PartitionKeyTag, std::int64_t>;

struct TopicState {
  TopicName topic;
  std::int64_t id = 0;
  std::vector<PartitionKey> partitions;
  std::map<std::string, std::string> config;  ///< what was set; defaults are left out
};

/// What a topic's config says, with the defaults of a Kafka broker.
struct TopicRules {
  bool deletes = true;
  bool compacts = false;
  std::optional<Milliseconds> retention;  ///< nothing: for ever
  std::optional<std::int64_t> retention_bytes;
  Milliseconds tombstone_retention{0};
  std::int64_t largest_record = 0;  ///< bytes of key, value and headers
  bool stamps_appends = false;      ///< message.timestamp.type is LogAppendTime
};

/// Throws Error{bad_input} naming a setting that is not known or whose value is not allowed.
void check_config(const std::map<std::string, std::string>& config);

[[nodiscard]] TopicRules rules_of(const TopicState& topic);

/// `set` over the defaults: every setting that a topic has.
[[nodiscard]] std::map<std::string, std::string> full_config(const std::map<std::string, std::string>& set);

/// Checks name, partitions and config of a new topic; throws Error{usage} or Error{bad_input}.
void check_spec(const TopicSpec& spec);

}  // namespace kbeat::transport::local
