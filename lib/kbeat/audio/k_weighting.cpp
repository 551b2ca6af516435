// The K-weighting of BS.1770-4, run over two channels at once.
#include "kbeat/audio/k_weighting.hpp"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace kbeat::audio {
namespace {

void flush(std::initializer_list<Pair*> states) {
  constexpr double k_nothing = 1e-30;
  for (Pair* state : states)
    for (std::size_t i = 0; i < 2; ++i)
      if (std::abs(state->v[i]) < k_nothing) state->v[i] = 0;
}

}  // namespace

void TwoPoles::flush_denormals() {
  flush({&m_last, &m_before});
}

KWeighting::Shelf KWeighting::shelf_at(double sample_rate) {
  constexpr double k_frequency = 1681.974450955533, k_gain_db = 3.999843853973347, k_q = 0.7071752369554196;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double vh = std::pow(10.0, k_gain_db / 20), vb = std::pow(vh, 0.4996667741545416);
  const double a0 = 1 + k / k_q + k * k;
  return {(vh + vb * k / k_q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / k_q + k * k) / a0,
          2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

TwoPoles KWeighting::high_pass_at(double sample_rate) {
  constexpr double k_frequency = 38.13547087602444, k_q = 0.5003270373238773;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double a0 = 1 + k / k_q + k * k;
  return {2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

KWeighting::KWeighting(double sample_rate) : KWeighting(shelf_at(sample_rate), high_pass_at(sample_rate)) {}

KWeighting::KWeighting(const Shelf& shelf, const TwoPoles& high_pass)
    : m_b0(Pair::of(shelf.b0)),
      m_b1(Pair::of(shelf.b1)),
      m_b2(Pair::of(shelf.b2)),
      m_shelf_poles(shelf.a1, shelf.a2),
      m_high_pass_poles(high_pass) {}

void KWeighting::flush_denormals() {
  m_shelf_poles.flush_denormals();
  m_high_pass_poles.flush_denormals();
  flush({&m_last, &m_before, &m_shelf, &m_rise});
}

}  // namespace kbeat::audio
