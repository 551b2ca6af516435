// Catch2's version 3, which Ubuntu has, under the header and the names of version 2, which Debian 12 has.
#pragma once

#include <catch2/catch_all.hpp>

#include <string>

using Catch::Approx;

namespace Catch {

using Matchers::EndsWith;
using Matchers::StartsWith;

inline auto Contains(const std::string& text, CaseSensitive sensitive = CaseSensitive::Yes) {
  return Matchers::ContainsSubstring(text, sensitive);
}

inline std::uint32_t rngSeed() {
  return getSeed();
}

}  // namespace Catch
