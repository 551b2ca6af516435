// The process's environment as a value, so that tests can hand in their own.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace kbeat::config {

using Environment = std::map<std::string, std::string, std::less<>>;

[[nodiscard]] Environment read_environment();

}  // namespace kbeat::config
