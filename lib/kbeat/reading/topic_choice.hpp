// From names and patterns of topics to partitions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/transport/admin.hpp"

namespace kbeat::reading {

struct TopicChoice {
  std::span<const std::string> topics;  ///< a name that begins with ^ is a regular expression (RE2)
  std::span<const int> partitions;      ///< only these; empty: all
};

/// Each partition once, in the order of the names, a pattern's topics by name. Throws Error{not_found} for a
/// named topic that does not exist, Error{usage} for a wrong pattern.
[[nodiscard]] std::vector<TopicPartition> choose_partitions(transport::TopicAdmin& admin,
                                                            const TopicChoice& choice);

/// Throws Error{not_found} unless each of `named` is among the partitions of some topic; `flag` named them.
void check_there(std::span<const TopicPartition> partitions, std::span<const int> named,
                 std::string_view flag);

}  // namespace kbeat::reading
