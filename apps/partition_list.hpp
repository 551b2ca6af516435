// The value of -p: numbers and ranges of partitions.
#pragma once

#include <string>
#include <vector>

namespace kbeat::app {

/// `0,2-4`; nothing for an empty text. Throws Error{usage}.
[[nodiscard]] std::vector<int> parse_partitions(const std::string& text);

/// Throws Error{usage} when -o places a partition that -p, which chose `read`, leaves out.
void check_placed(const std::vector<int>& placed, const std::vector<int>& read);

}  // namespace kbeat::app
