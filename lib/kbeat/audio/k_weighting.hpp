// The K-weighting of BS.1770-4, run over two channels at once.
#pragma once

#include <cstddef>

namespace kbeat::audio {

/// Two doubles, one a channel.
struct Pair {
  using Vector [[gnu::vector_size(16)]] = double;
  Vector v{};

  [[nodiscard]] static Pair of(double both) { return {Vector{both, both}}; }
};

/// y = x − a1·y₋₁ − a2·y₋₂.
class TwoPoles {
 public:
  TwoPoles(double a1, double a2)
      : m_a1(Pair::of(a1)),
        m_a2(Pair::of(a2)),
        m_squared(Pair::of(a1 * a1 - a2)),
        m_product(Pair::of(a1 * a2)) {}

  [[nodiscard]] Pair::Vector step(Pair::Vector x) {
    const Pair::Vector y = x - m_a1.v * m_last.v - m_a2.v * m_before.v;
    m_before.v = m_last.v;
    m_last.v = y;
    return y;
  }

  /// Two samples in place of two steps: both are computed from the two before them, so that the chain of
  /// operations that wait for each other is half as long.
  void step_two(Pair::Vector& x0, Pair::Vector& x1) {
    const Pair::Vector in0 = x0, last = m_last.v, before = m_before.v;
    x0 = (in0 - m_a2.v * before) - m_a1.v * last;
    x1 = (x1 - m_a1.v * in0 + m_product.v * before) + m_squared.v * last;
    m_before.v = x0;
    m_last.v = x1;
  }

  /// Clears what has decayed so far that it would only cost time as denormal numbers.
  void flush_denormals();

 private:
  Pair m_a1, m_a2, m_squared, m_product;
  Pair m_last, m_before;
};

/// Its two stages, a shelf and a high pass, whose zeros are a second difference: from the analogue prototypes
/// that give the recommendation's table at 48 kHz.
class KWeighting {
 public:
  /// `sample_rate` in Hz.
  explicit KWeighting(double sample_rate);

  [[nodiscard]] Pair::Vector step(Pair::Vector x) {
    const Pair::Vector shelf = m_shelf_poles.step(m_b0.v * x + m_b1.v * m_last.v + m_b2.v * m_before.v);
    m_before.v = m_last.v;
    m_last.v = x;
    const Pair::Vector rise = shelf - m_shelf.v;
    const Pair::Vector y = m_high_pass_poles.step(rise - m_rise.v);
    m_shelf.v = shelf;
    m_rise.v = rise;
    return y;
  }

  void step_two(Pair::Vector& x0, Pair::Vector& x1) {
    const Pair::Vector in0 = x0, in1 = x1;
    x0 = m_b0.v * in0 + (m_b1.v * m_last.v + m_b2.v * m_before.v);
    x1 = m_b0.v * in1 + (m_b1.v * in0 + m_b2.v * m_last.v);
    m_before.v = in0;
    m_last.v = in1;
    m_shelf_poles.step_two(x0, x1);
    const Pair::Vector rise = x0 - m_shelf.v, next = x1 - x0;
    m_shelf.v = x1;
    x0 = rise - m_rise.v;
    x1 = next - rise;
    m_rise.v = next;
    m_high_pass_poles.step_two(x0, x1);
  }

  void flush_denormals();

 private:
  struct Shelf {
    double b0, b1, b2, a1, a2;
  };
  KWeighting(const Shelf& shelf, const TwoPoles& high_pass);
  static Shelf shelf_at(double sample_rate);
  static TwoPoles high_pass_at(double sample_rate);

  Pair m_b0, m_b1, m_b2;
  TwoPoles m_shelf_poles, m_high_pass_poles;
  Pair m_last, m_before;  ///< samples that went in
  Pair m_shelf, m_rise;   ///< what came last from the shelf, and by how much it had risen
};

}  // namespace kbeat::audio
