// Groups error messages that differ only in numbers, ids and URLs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"

namespace kbeat::dlq {

/// `text` with URLs, UUIDs, quoted words, hexadecimal ids and numbers masked. One pass over the text.
[[nodiscard]] std::string error_pattern(std::string_view text);

struct PatternGroup {
  std::uint64_t count = 0;
  WallTime first;
  WallTime last;
  std::string sample;     ///< a whole message
  std::string sample_id;  ///< of its letter
};

/// Memory grows with the patterns, not with the letters.
class ErrorPatterns {
 public:
  void add(std::string_view error, const std::string& id, WallTime at);
  [[nodiscard]] const std::map<std::string, PatternGroup>& groups() const { return m_groups; }

 private:
  std::map<std::string, PatternGroup> m_groups;
};

}  // namespace kbeat::dlq
