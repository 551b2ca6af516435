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
  explicit Biquad(const BiquadCoefficients& coefficients);

  [[nodiscard]] Pair::Vector step(Pair::Vector x) {
    const Pair::Vector y = m_c.b0 * x + m_first.v;
    m_first.v = m_c.b1 * x - m_c.a1 * y + m_second.v;
    m_second.v = m_c.b2 * x - m_c.a2 * y;
    return y;
  }

  /// Two samples in place of two steps: the state after them is computed from the state before them, so that
  /// the chain of operations that wait for each other is half as long.
  void step_two(Pair::Vector& x0, Pair::Vector& x1) {
    const Pair::Vector first = m_first.v, second = m_second.v, in0 = x0, in1 = x1;
    x0 = m_c.b0 * in0 + first;
    x1 = m_c.b0 * in1 + m_two.g1 * in0 - m_c.a1 * first + second;
    m_first.v = m_two.first_in0 * in0 + m_two.g1 * in1 + m_two.first_first * first - m_c.a1 * second;
    m_second.v = m_two.second_in0 * in0 + m_two.g2 * in1 + m_two.second_first * first - m_c.a2 * second;
  }

  /// Clears what has decayed so far that it would only cost time as denormal numbers.
  void flush_denormals();

 private:
  /// Of the state after two samples, by what it depends on.
  struct TwoSteps {
    double g1 = 0, g2 = 0;
    double first_in0 = 0, first_first = 0;
    double second_in0 = 0, second_first = 0;
  };

  BiquadCoefficients m_c;
  TwoSteps m_two;
  Pair m_first, m_second;
};

}  // namespace kbeat::audio
