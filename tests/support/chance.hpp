// Random numbers of a seed that a failure prints, and how many rounds of a fault are made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

namespace kbeat::test {

/// KBEAT_SEED repeats the numbers of another run.
class Chance {
 public:
  Chance();

  /// `few` in the normal test run, `many` in the one by hand (KBEAT_FAULTS=full).
  [[nodiscard]] std::size_t rounds(std::size_t few, std::size_t many) const;

  std::mt19937_64 engine;
};

}  // namespace kbeat::test
