// The seed and the scale, from the environment.
#include "support/chance.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace kbeat::test {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("KBEAT_SEED");
  return given != nullptr ? std::stoull(given) : std::random_device{}();
}

}  // namespace

Chance::Chance() {
  const std::uint64_t chosen = seed();
  engine.seed(chosen);
  std::clog << "KBEAT_SEED=" << chosen << std::endl;
}

std::size_t Chance::rounds(std::size_t few, std::size_t many) const {
  const char* scale = std::getenv("KBEAT_FAULTS");
  return scale != nullptr && std::string_view(scale) == "full" ? many : few;
}

}  // namespace kbeat::test
