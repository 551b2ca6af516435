// Asks the system for the machine's name.
#include "kbeat/base/host_name.hpp"

#include <unistd.h>

#include <array>

namespace kbeat {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

}  // namespace kbeat
