// The true peak of ITU-R BS.1770-4 annex 2: the largest value between the samples.
#include "kbeat/audio/true_peak.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "kbeat/audio/float_lanes.hpp"

namespace kbeat::audio {
namespace {

std::size_t oversampling(double sample_rate) {
  return sample_rate < 80'000 ? 4 : sample_rate < 160'000 ? 2 : 1;
}

/// sinc(x) under a Hann window that reaches to ±`reach` samples.
double windowed_sinc(double x, double reach) {
  if (std::abs(x) >= reach) return 0;
  const double pi_x = std::numbers::pi * x;
  return std::sin(pi_x) / pi_x * (0.5 + 0.5 * std::cos(pi_x / reach));
}

/// `count` is a multiple of the lanes.
float peak_of(const float* samples, std::size_t count) {
  Lanes highest, lowest;
  for (std::size_t i = 0; i < count; i += k_lanes) {
    const Lanes x = Lanes::load(samples + i);
    highest = max(highest, x);
    lowest = max(lowest, x * -1.0F);
  }
  return largest(max(highest, lowest));
}

}  // namespace

TruePeakMeter::TruePeakMeter(std::size_t channels, double sample_rate)
    : m_factor(oversampling(sample_rate)), m_history(channels, std::vector<float>(k_taps - 1)) {
  const auto tap = [](double share, std::size_t k) {
    return windowed_sinc(share + static_cast<double>(k_taps / 2 - 1) - static_cast<double>(k), k_taps / 2);
  };
  double half_gain = 0, quarter_gain = 0;
  for (std::size_t k = 0; k < k_taps / 2; ++k) {
    const double near = tap(0.25, k), far = tap(0.25, k_taps - 1 - k);
    m_half[k] = static_cast<float>(tap(0.5, k));
    m_even[k] = static_cast<float>((near + far) / 2);
    m_odd[k] = static_cast<float>((near - far) / 2);
    half_gain += 2 * std::abs(tap(0.5, k));
    quarter_gain += std::abs(near) + std::abs(far);
  }
  if (m_factor > 1) m_gain = std::max(half_gain, m_factor > 2 ? quarter_gain : 0);
}

/// The taps of the middle are the same from both ends, and those of a quarter are those of three quarters
/// turned round: sums and differences of opposite samples serve all three.
void TruePeakMeter::interpolate(const float* samples, std::size_t count) {
  Lanes highest, lowest;
  const auto take = [&](Lanes value) {
    highest = max(highest, value);
    lowest = max(lowest, value * -1.0F);
  };
  for (std::size_t i = 0; i < count; i += k_lanes) {
    Lanes half, even, odd;
    for (std::size_t k = 0; k < k_taps / 2; ++k) {
      const Lanes a = Lanes::load(samples + i + k), b = Lanes::load(samples + i + k_taps - 1 - k);
      const Lanes sum = a + b;
      half += sum * m_half[k];
      even += sum * m_even[k];
      odd += (a - b) * m_odd[k];
    }
    take(half);
    if (m_factor == 2) continue;
    take(even + odd);
    take(even - odd);
  }
  m_peak = std::max(m_peak, static_cast<double>(largest(max(highest, lowest))));
}

void TruePeakMeter::run_channel(std::vector<float>& history, std::span<const float> samples) {
  constexpr std::size_t k_overlap = k_taps - 1;
  m_work.assign(history.begin(), history.end());
  m_work.insert(m_work.end(), samples.begin(), samples.end());
  history.assign(m_work.end() - k_overlap, m_work.end());
  // Room for the last, partly filled step of four lanes.
  m_work.resize(m_work.size() + k_stretch);
  for (std::size_t first = 0; first < samples.size(); first += k_stretch) {
    const double peak = static_cast<double>(peak_of(&m_work[first], k_stretch + k_taps));
    const bool can_raise = m_factor > 1 && peak * m_gain > m_peak;
    m_peak = std::max(m_peak, peak);
    if (can_raise) interpolate(&m_work[first], std::min(k_stretch, samples.size() - first));
  }
}

void TruePeakMeter::write(const Planar& block) {
  for (std::size_t c = 0; c < block.size(); ++c) run_channel(m_history[c], block[c]);
}

void TruePeakMeter::finish() {
  const std::vector<float> zeros(k_taps);
  for (auto& history : m_history) run_channel(history, zeros);
}

}  // namespace kbeat::audio
