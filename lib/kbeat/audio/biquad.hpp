// Second-order filters run over two channels at once.
#pragma once

#include <cstddef>

namespace kbeat::audio {

/// Two doubles, one a channel.
struct Pair {
  using Vector [[gnu::vector_size(16)]] = double;
  Vector v{};
};

/// Coefficients of y = b0·x + b1·x₋₁ + b2·x₋₂ − a1·y₋₁ − a2·y₋₂.
struct BiquadCoefficients {
  double b0 = 1, b1 = 0, b2 = 0, a1 = 0, a2 = 0;
};

/// The two stages of BS.1770-4's K-weighting for a sample rate in Hz, from the analogue prototypes that give
/// the recommendation's table at 48 kHz.
[[nodiscard]] BiquadCoefficients k_weighting_shelf(double sample_rate);
[[nodiscard]] BiquadCoefficients k_weighting_high_pass(double sample_rate);

/// Transposed direct form II.
class Biquad {
 public:
  explicit Biquad(const BiquadCoefficients& c) : m_c(c) {}

  [[nodiscard]] Pair::Vector step(Pair::Vector x) {
    const Pair::Vector y = m_c.b0 * x + m_first.v;
    m_first.v = m_c.b1 * x - m_c.a1 * y + m_second.v;
    m_second.v = m_c.b2 * x - m_c.a2 * y;
    return y;
  }

  /// Clears what has decayed so far that it would only cost time as denormal numbers.
  void flush_denormals();

 private:
  BiquadCoefficients m_c;
  Pair m_first, m_second;
};

}  // namespace kbeat::audio
