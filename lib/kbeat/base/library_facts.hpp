// What a library below us is, and what is done differently because of its version.
#pragma once

#include <string>
#include <vector>

namespace kbeat {

struct LibraryFacts {
  std::string name;
  std::string version;  ///< of what is loaded, which may be newer than what was built against
  std::vector<std::string> workarounds;
};

}  // namespace kbeat
