// Lists of topics and partitions as text columns: one a line, a partition as topic/number.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat::transport::log {

[[nodiscard]] std::string text_of(const std::vector<std::string>& lines);
[[nodiscard]] std::string text_of(const std::vector<TopicPartition>& partitions);
[[nodiscard]] std::vector<std::string> lines_of(std::string_view text);
/// Throws Error{database} for text that is no such list.
[[nodiscard]] std::vector<TopicPartition> partitions_of(std::string_view text);

}  // namespace kbeat::transport::log
