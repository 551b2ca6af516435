// The largest values of a track in a few thousand stretches, however long it is.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace kbeat::audio {

/// Takes rows of values as they come and keeps the largest of each column over a stretch of rows. When there
/// are more stretches than a picture needs, two become one and the next are twice as long.
class PeakOverview {
 public:
  /// `width`: values a row; `stretch`: rows that become one from the beginning on.
  PeakOverview(std::size_t width, std::size_t stretch);

  void add(std::span<const float> row);

  /// At most k_most, the last one perhaps of a shorter stretch.
  [[nodiscard]] std::size_t size() const { return m_values.size() / m_width; }
  [[nodiscard]] float at(std::size_t stretch, std::size_t column) const {
    return m_values[stretch * m_width + column];
  }

  static constexpr std::size_t k_most = 8'000;

 private:
  void halve();

  std::size_t m_width, m_stretch;
  std::size_t m_filled = 0;  ///< rows in the last stretch
  std::vector<float> m_values;
};

}  // namespace kbeat::audio
