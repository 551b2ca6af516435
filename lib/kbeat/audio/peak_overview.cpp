// The largest values of a track in a few thousand stretches, however long it is.
#include "kbeat/audio/peak_overview.hpp"

#include <algorithm>

namespace kbeat::audio {

PeakOverview::PeakOverview(std::size_t width, std::size_t stretch) : m_width(width), m_stretch(stretch) {}

void PeakOverview::add(std::span<const float> row) {
  if (m_filled == m_stretch) m_filled = 0;
  if (m_filled == 0 && size() == k_most) halve();
  if (m_filled++ == 0) {
    m_values.insert(m_values.end(), row.begin(), row.end());
    return;
  }
  float* last = &m_values[m_values.size() - m_width];
  for (std::size_t i = 0; i < m_width; ++i) last[i] = std::max(last[i], row[i]);
}

void PeakOverview::halve() {
  for (std::size_t to = 0; to < k_most / 2; ++to)
    for (std::size_t i = 0; i < m_width; ++i)
      m_values[to * m_width + i] = std::max(at(2 * to, i), at(2 * to + 1, i));
  m_values.resize(k_most / 2 * m_width);
  m_stretch *= 2;
}

}  // namespace kbeat::audio
