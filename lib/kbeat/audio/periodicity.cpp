// At which periods the onsets of a track repeat.
#include "kbeat/audio/periodicity.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_transform = 2048;   // twice the window, so that the correlation does not wrap
constexpr std::size_t k_longest_lag = 660;  // frames: four periods of 40 bpm, and some
constexpr int k_multiples = 4;

/// The curves that are correlated, a batch of lanes at a time.
std::vector<const std::vector<float>*> sources(const OnsetCurves& curves) {
  std::vector<const std::vector<float>*> out;
  for (std::size_t b = 0; b < k_onset_bands; ++b) out.push_back(&curves.bands[b]);
  out.push_back(&curves.all);
  out.push_back(&curves.all);
  out.push_back(&curves.all);
  return out;
}

/// Adds each lane's correlation, divided by its value at lag 0, to `sum`.
/// `count` frames of the input are filled: the fewer pairs there are at a lag, the more each counts.
void add_correlation(CorrelationScratch& scratch, std::size_t count, std::vector<double>& sum) {
  auto& [fft, power, imaginary] = scratch;
  fft.power(power);
  const std::span<Lanes> magnitudes = fft.input();
  for (std::size_t k = 0; k < power.size(); ++k) {
    // The square root of the magnitude: periods stand out more sharply than in the plain correlation.
    for (std::size_t lane = 0; lane < k_lanes; ++lane)
      magnitudes[k].set(lane, std::sqrt(std::sqrt(std::max(0.0F, power[k][lane]))));
    if (k > 0 && k < k_transform / 2) magnitudes[k_transform - k] = magnitudes[k];
  }
  fft.transform(power, imaginary);
  for (std::size_t lane = 0; lane < k_lanes; ++lane) {
    const auto zero = static_cast<double>(power[0][lane]);
    if (zero <= 0) continue;
    const std::size_t end = std::min(sum.size(), count * 4 / 5);
    for (std::size_t lag = 0; lag < end; ++lag) {
      const double pairs = static_cast<double>(count - lag) / static_cast<double>(count);
      sum[lag] += static_cast<double>(power[lag][lane]) / zero / pairs;
    }
  }
}

}  // namespace

CorrelationScratch::CorrelationScratch() : fft(k_transform), power(fft.bins()), imaginary(fft.bins()) {}

Periodicity::Periodicity(const OnsetCurves& curves) {
  CorrelationScratch scratch;
  *this = Periodicity(curves, {0, curves.frames()}, scratch);
}

Periodicity::Periodicity(const OnsetCurves& curves, FrameRange range, CorrelationScratch& scratch)
    : m_correlation(std::min(k_longest_lag, std::max<std::size_t>(2, range.size() * 4 / 5))) {
  const auto inputs = sources(curves);
  const std::size_t frames = range.size();
  for (std::size_t start = 0; start == 0 || start + k_window <= frames; start += k_window_hop) {
    const std::size_t count = std::min(k_window, frames - std::min(frames, start));
    for (std::size_t batch = 0; batch < inputs.size(); batch += k_lanes) {
      const std::span<Lanes> window = scratch.fft.input();
      std::fill(window.begin(), window.end(), Lanes{});
      for (std::size_t i = 0; i < count; ++i)
        for (std::size_t lane = 0; lane < k_lanes; ++lane)
          window[i].set(lane, (*inputs[batch + lane])[range.first + start + i]);
      add_correlation(scratch, count, m_correlation);
    }
  }
  const double zero = m_correlation[0];
  if (zero > 0)
    for (double& value : m_correlation) value /= zero;
}

double Periodicity::at_lag(double frames) const {
  const auto i = static_cast<std::size_t>(frames);
  if (i + 1 >= m_correlation.size()) return 0;
  const double share = frames - static_cast<double>(i);
  return m_correlation[i] * (1 - share) + m_correlation[i + 1] * share;
}

double Periodicity::comb(double bpm) const {
  const double period = 60 * k_onset_rate / bpm;
  double sum = 0;
  int count = 0;
  for (int m = 1; m <= k_multiples && period * m + 1 < static_cast<double>(m_correlation.size());
       ++m, ++count)
    sum += at_lag(period * m);
  return count > 0 ? sum / count : 0;
}

std::vector<double> Periodicity::peaks(std::size_t count) const {
  constexpr double k_step = 1.0025;
  std::vector<double> tempi, strengths;
  for (double bpm = k_slowest; bpm < k_fastest * k_step; bpm *= k_step) {
    tempi.push_back(bpm);
    strengths.push_back(comb(bpm));
  }
  std::vector<std::size_t> found;
  for (std::size_t i = 1; i + 1 < tempi.size(); ++i)
    if (strengths[i] >= strengths[i - 1] && strengths[i] > strengths[i + 1]) found.push_back(i);
  std::sort(found.begin(), found.end(), [&](auto a, auto b) { return strengths[a] > strengths[b]; });
  std::vector<double> out;
  for (const std::size_t i : found)
    if (out.size() < count) out.push_back(tempi[i]);
  return out;
}

}  // namespace kbeat::audio
