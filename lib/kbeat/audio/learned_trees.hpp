// Sums of small decision trees, as the training writes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kbeat::audio {

/// A tree that asks the same three questions on every way down (Kohavi & Li, Oblivious decision trees,
/// graphs, and top-down pruning, IJCAI 1995): is a feature over a threshold? The answers, first one highest,
/// number the leaf.
struct LearnedTree {
  std::array<std::uint8_t, 3> features;
  std::array<float, 3> thresholds;
  std::array<float, 8> leaves;
};

[[nodiscard]] inline double score(std::span<const LearnedTree> trees, std::span<const double> features) {
  double sum = 0;
  for (const LearnedTree& tree : trees) {
    std::size_t leaf = 0;
    for (std::size_t i = 0; i < tree.features.size(); ++i)
      leaf = 2 * leaf + (static_cast<float>(features[tree.features[i]]) > tree.thresholds[i] ? 1 : 0);
    sum += static_cast<double>(tree.leaves[leaf]);
  }
  return sum;
}

}  // namespace kbeat::audio
