// The K-weighting of BS.1770-4, run over two channels at once.
#include "kbeat/audio/k_weighting.hpp"

#include <cmath>
#include <numbers>

namespace kbeat::audio {

KWeighting::Section KWeighting::shelf_at(double sample_rate) {
  constexpr double k_frequency = 1681.974450955533, k_gain_db = 3.999843853973347, k_q = 0.7071752369554196;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double vh = std::pow(10.0, k_gain_db / 20), vb = std::pow(vh, 0.4996667741545416);
  const double a0 = 1 + k / k_q + k * k;
  return {(vh + vb * k / k_q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / k_q + k * k) / a0,
          2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

KWeighting::Section KWeighting::high_pass_at(double sample_rate) {
  constexpr double k_frequency = 38.13547087602444, k_q = 0.5003270373238773;
  const double k = std::tan(std::numbers::pi * k_frequency / sample_rate);
  const double a0 = 1 + k / k_q + k * k;
  return {1, -2, 1, 2 * (k * k - 1) / a0, (1 - k / k_q + k * k) / a0};
}

KWeighting::KWeighting(double sample_rate) : KWeighting(shelf_at(sample_rate), high_pass_at(sample_rate)) {}

KWeighting::KWeighting(const Section& shelf, const Section& high_pass) {
  const auto both = [&](double Section::*value) {
    return Stages{shelf.*value, shelf.*value, high_pass.*value, high_pass.*value};
  };
  m_b0 = both(&Section::b0);
  m_b1 = both(&Section::b1);
  m_b2 = both(&Section::b2);
  const Stages a1 = both(&Section::a1), a2 = both(&Section::a2);
  m_response[0] = Stages{} + 1.0;
  m_response[1] = -a1;
  for (std::size_t i = 2; i <= k_run; ++i) m_response[i] = -a1 * m_response[i - 1] - a2 * m_response[i - 2];
  for (std::size_t i = 1; i <= k_run; ++i) m_before_weight[i] = -a2 * m_response[i - 1];
}

/// One frame: half of the lanes is of use, see keep().
KWeighting::Stages KWeighting::step(State& state, Stages x) const {
  const Stages y = m_b0 * x + (m_b1 * state.in_last + m_b2 * state.in_before) +
                   (m_before_weight[1] * state.out_before + m_response[1] * state.out_last);
  state = {x, state.in_last, y, state.out_last};
  return y;
}

/// Four frames from the state before them, so that few operations wait for each other.
[[gnu::always_inline]] inline void KWeighting::step_run(State& state, Run& x) const {
  const Run in = x;
  const Stages v0 = m_b0 * in[0] + (m_b1 * state.in_last + m_b2 * state.in_before);
  const Stages v1 = m_b0 * in[1] + (m_b1 * in[0] + m_b2 * state.in_last);
  const Stages v2 = m_b0 * in[2] + (m_b1 * in[1] + m_b2 * in[0]);
  const Stages v3 = m_b0 * in[3] + (m_b1 * in[2] + m_b2 * in[1]);
  const auto& h = m_response;
  const auto& p = m_before_weight;
  const Stages last = state.out_last, before = state.out_before;
  x[0] = v0 + p[1] * before + h[1] * last;
  x[1] = (v1 + h[1] * v0) + p[2] * before + h[2] * last;
  x[2] = (v2 + (h[1] * v1 + h[2] * v0)) + p[3] * before + h[3] * last;
  x[3] = ((v3 + h[1] * v2) + (h[2] * v1 + h[3] * v0)) + p[4] * before + h[4] * last;
  state = {in[3], in[2], x[3], x[2]};
}

/// Puts the state of these stages back.
void KWeighting::keep(Mask stages, State& state, const State& from) {
  state = {stages ? from.in_last : state.in_last, stages ? from.in_before : state.in_before,
           stages ? from.out_last : state.out_last, stages ? from.out_before : state.out_before};
}

/// Clears what has decayed so far that it would only cost time as denormal numbers.
void KWeighting::flush_denormals(State& state) {
  constexpr double k_nothing = 1e-30;
  for (Stages* value : {&state.in_last, &state.in_before, &state.out_last, &state.out_before})
    for (std::size_t i = 0; i < 4; ++i)
      if (std::abs((*value)[i]) < k_nothing) (*value)[i] = 0;
}

Pair KWeighting::sum_of_squares(const float* left, const float* right, std::size_t count) {
  constexpr Mask k_shelf = {-1, -1, 0, 0}, k_high_pass = {0, 0, -1, -1};
  State state = m_state;  // on the stack the state stays in registers
  Stages sum{};
  const auto frame = [&](std::size_t i) {
    return Stages{static_cast<double>(left[i]), static_cast<double>(right[i]), 0, 0};
  };
  const auto handed_on = [](Stages from) { return __builtin_shufflevector(from, Stages{}, 4, 5, 0, 1); };
  const auto squares_of = [](const Run& y) {
    return (y[0] * y[0] + y[1] * y[1]) + (y[2] * y[2] + y[3] * y[3]);
  };
  const std::size_t whole = count / k_run * k_run;
  if (whole > 0) {
    // The shelf goes first by one run, and the high pass ends one later: what the other does meanwhile is
    // undone.
    Run run{};
    State begun = state;
    for (std::size_t k = 0; k < k_run; ++k) run[k] = frame(k);
    step_run(state, run);
    keep(k_high_pass, state, begun);
    for (std::size_t i = k_run; i < whole; i += k_run) {
      for (std::size_t k = 0; k < k_run; ++k) run[k] = frame(i + k) + handed_on(run[k]);
      step_run(state, run);
      sum += squares_of(run);
    }
    begun = state;
    for (Stages& x : run) x = handed_on(x);
    step_run(state, run);
    keep(k_shelf, state, begun);
    sum += squares_of(run);
  }
  for (std::size_t i = whole; i < count; ++i) {
    State begun = state;
    const Stages shelf = step(state, frame(i));
    keep(k_high_pass, state, begun);
    begun = state;
    const Stages y = step(state, handed_on(shelf));
    keep(k_shelf, state, begun);
    sum += y * y;
  }
  flush_denormals(state);
  m_state = state;
  return {sum[2], sum[3]};
}

}  // namespace kbeat::audio
