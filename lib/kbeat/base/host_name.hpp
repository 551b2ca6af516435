// The name of this machine, for others to know where something lies.
#pragma once

#include <string>

namespace kbeat {

/// "unknown" when the machine does not say.
[[nodiscard]] std::string host_name();

}  // namespace kbeat
