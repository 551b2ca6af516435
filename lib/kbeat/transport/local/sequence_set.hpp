// The outbox rows of one store that a log holds already: a set of numbers kept as ranges.
#pragma once

#include <cstdint>
#include <map>

namespace kbeat::transport::local {

class SequenceSet {
 public:
  enum class Added { yes, was_there };

  Added add(std::int64_t sequence);

  /// First and last of each range; ranges neither touch nor overlap.
  [[nodiscard]] const std::map<std::int64_t, std::int64_t>& ranges() const { return m_ranges; }
  void restore(std::int64_t first, std::int64_t last) { m_ranges[first] = last; }

 private:
  std::map<std::int64_t, std::int64_t> m_ranges;
};

}  // namespace kbeat::transport::local
