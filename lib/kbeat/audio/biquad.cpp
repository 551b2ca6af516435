// Second-order filters run over two channels at once.
#include "kbeat/audio/biquad.hpp"

#include <cmath>
#include <numbers>

namespace kbeat::audio {

BiquadCoefficients k_weighting_shelf(double sample_rate) {
  constexpr double k_frequency = 1681.974450955533, k_gain_db = 3.999843853973347, k_q = 0.7071752369554196;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double vh = std::pow(10.0, k_gain_db / 20), vb = std::pow(vh, 0.4996667741545416);
  const double a0 = 1 + k / k_q + k * k;
  return {(vh + vb * k / k_q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / k_q + k * k) / a0,
          2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

BiquadCoefficients k_weighting_high_pass(double sample_rate) {
  constexpr double k_frequency = 38.13547087602444, k_q = 0.5003270373238773;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double a0 = 1 + k / k_q + k * k;
  return {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

// With s for the state, one step is s' = M·s + g·x, M = [[-a1, 1], [-a2, 0]] and g = b − a·b0; two steps are
// M²·s + M·g·x0 + g·x1.
Biquad::Biquad(const BiquadCoefficients& c) : m_c(c) {
  m_two.g1 = c.b1 - c.a1 * c.b0;
  m_two.g2 = c.b2 - c.a2 * c.b0;
  m_two.first_in0 = m_two.g2 - c.a1 * m_two.g1;
  m_two.first_first = c.a1 * c.a1 - c.a2;
  m_two.second_in0 = -c.a2 * m_two.g1;
  m_two.second_first = c.a1 * c.a2;
}

void Biquad::flush_denormals() {
  constexpr double k_nothing = 1e-30;
  for (std::size_t i = 0; i < 2; ++i) {
    if (std::abs(m_first.v[i]) < k_nothing) m_first.v[i] = 0;
    if (std::abs(m_second.v[i]) < k_nothing) m_second.v[i] = 0;
  }
}

}  // namespace kbeat::audio
