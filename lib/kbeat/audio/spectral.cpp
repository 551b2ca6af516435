// Spectral measures frame by frame, by librosa's definitions, summed up over the track.
#include "kbeat/audio/spectral.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_bins = k_spectral_size / 2 + 1;
constexpr float k_bin_hz = static_cast<float>(k_analysis_rate / k_spectral_size);
constexpr double k_rolloff_share = 0.85;
constexpr float k_least_power = 1e-10F;
constexpr float k_nothing = 1e-10F;         // librosa's zero, as a sample
constexpr std::size_t k_stretch_bins = 32;  // bins, few enough for float sums
}  // namespace

Statistic summarise(const FrameValues& frames) {
  if (frames.empty()) return {};
  std::vector<float> values(frames.begin(), frames.end());
  double sum = 0, squares = 0;
  for (const float v : values) sum += static_cast<double>(v);
  const auto n = static_cast<double>(values.size());
  const double mean = sum / n;
  for (const float v : values) squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  auto median = static_cast<double>(*middle);
  if (values.size() % 2 == 0)
    median = 0.5 * (median + static_cast<double>(*std::max_element(values.begin(), middle)));
  return {mean, std::sqrt(squares / n), median};
}

SpectralShape::SpectralShape()
    : m_before(k_bins), m_stretches((k_bins + k_stretch_bins - 1) / k_stretch_bins) {}

void SpectralShape::shape_batch(std::span<const Lanes> magnitudes, std::size_t frames) {
  Lanes sum, moment;
  for (std::size_t k = 0; k < k_bins; ++k) {
    sum += magnitudes[k];
    moment += magnitudes[k] * static_cast<float>(k);
  }
  Lanes centroid;
  for (std::size_t lane = 0; lane < k_lanes; ++lane)
    centroid.set(lane, sum[lane] > 0 ? moment[lane] / sum[lane] : 0.0F);
  Lanes spread;
  for (std::size_t k = 0; k < k_bins; ++k) {
    const Lanes away{static_cast<float>(k) - centroid.v};
    spread += magnitudes[k] * away * away;
  }
  for (std::size_t lane = 0; lane < frames; ++lane) {
    m_centroid.push_back(centroid[lane] * k_bin_hz);
    m_bandwidth.push_back(sum[lane] > 0 ? std::sqrt(spread[lane] / sum[lane]) * k_bin_hz : 0.0F);
  }
}

/// Whole stretches are passed by their sums, and bins are counted in the one that holds the edge.
void SpectralShape::rolloff_batch(std::span<const Lanes> magnitudes, std::size_t frames) {
  for (std::size_t i = 0; i < m_stretches.size(); ++i) {
    Lanes sum;
    for (std::size_t k = i * k_stretch_bins; k < std::min(k_bins, (i + 1) * k_stretch_bins); ++k)
      sum += magnitudes[k];
    m_stretches[i] = sum;
  }
  for (std::size_t lane = 0; lane < frames; ++lane) {
    double total = 0, passed = 0;
    for (const Lanes& stretch : m_stretches) total += static_cast<double>(stretch[lane]);
    const double edge = k_rolloff_share * total;
    std::size_t i = 0;
    for (; i + 1 < m_stretches.size() && passed + static_cast<double>(m_stretches[i][lane]) < edge; ++i)
      passed += static_cast<double>(m_stretches[i][lane]);
    std::size_t bin = i * k_stretch_bins;
    for (; bin + 1 < k_bins; ++bin) {
      passed += static_cast<double>(magnitudes[bin][lane]);
      if (passed >= edge) break;
    }
    m_rolloff.push_back(static_cast<float>(bin) * k_bin_hz);
  }
}

void SpectralShape::flatness_batch(std::span<const Lanes> power, std::size_t frames) {
  Lanes sum, logs;
  for (std::size_t k = 0; k < k_bins; ++k) {
    const Lanes p = max(power[k], Lanes{} + k_least_power);
    sum += p;
    logs += log2(p);
  }
  for (std::size_t lane = 0; lane < frames; ++lane)
    m_flatness.push_back(std::min(
        1.0F, std::exp2(logs[lane] / static_cast<float>(k_bins)) / (sum[lane] / static_cast<float>(k_bins))));
}

void SpectralShape::flux_batch(std::span<const Lanes> magnitudes, std::size_t frames) {
  Lanes rise;
  for (std::size_t k = 0; k < k_bins; ++k) {
    const Lanes now = magnitudes[k];
    rise += max(Lanes{}, now - delayed(Lanes{} + m_before[k], now, 1));
    m_before[k] = now[k_lanes - 1];
  }
  for (std::size_t lane = 0; lane < frames; ++lane)
    m_flux.push_back(m_flux.empty() ? 0 : rise[lane] / static_cast<float>(k_bins));
}

void SpectralShape::write(std::span<const Lanes> power, std::span<const Lanes> magnitudes,
                          std::size_t frames) {
  shape_batch(magnitudes, frames);
  rolloff_batch(magnitudes, frames);
  flatness_batch(power, frames);
  flux_batch(magnitudes, frames);
}

void SpectralShape::summarise_into(ExtraMetrics& out) {
  out.spectral_centroid = summarise(m_centroid);
  out.spectral_bandwidth = summarise(m_bandwidth);
  out.spectral_rolloff = summarise(m_rolloff);
  out.spectral_flatness = summarise(m_flatness);
  out.flux = summarise(m_flux);
}

void FrameLevels::write(std::span<const float> samples) {
  while (!samples.empty()) {
    if (m_filled == k_spectral_hop) {
      m_hops.emplace_back();
      m_filled = 0;
    }
    const auto part = samples.first(std::min(k_spectral_hop - m_filled, samples.size()));
    add(part, m_hops.back());
    samples = samples.subspan(part.size());
  }
}

void FrameLevels::add(std::span<const float> part, Hop& hop) {
  const auto negative = [](float x) { return x < -k_nothing; };
  const bool crosses = m_samples > 0 && negative(part.front()) != m_negative;
  if (m_filled == 0) hop.crosses_at_start = crosses;
  int crossings = crosses ? 1 : 0;
  for (std::size_t i = 1; i < part.size(); ++i)
    crossings += negative(part[i]) != negative(part[i - 1]) ? 1 : 0;
  hop.crossings += crossings;
  EightSums squares;
  std::size_t i = 0;
  for (; i + EightSums::k_step <= part.size(); i += EightSums::k_step) squares.add_squares(&part[i]);
  double sum = squares.total();
  for (; i < part.size(); ++i) sum += static_cast<double>(part[i]) * static_cast<double>(part[i]);
  hop.squares += static_cast<float>(sum);
  m_negative = negative(part.back());
  m_filled += part.size();
  m_samples += part.size();
}

void FrameLevels::summarise_into(ExtraMetrics& out) const {
  constexpr std::ptrdiff_t k_hops = k_spectral_size / k_spectral_hop;
  constexpr auto k_size = static_cast<float>(k_spectral_size);
  FrameValues crossings, rms;
  const auto frames = static_cast<std::ptrdiff_t>(1 + m_samples / k_spectral_hop);
  for (std::ptrdiff_t t = 0; m_samples > 0 && t < frames; ++t) {
    float squares = 0;
    int count = 0;
    const std::ptrdiff_t first = t - k_hops / 2;
    for (auto h = std::max<std::ptrdiff_t>(0, first); h < std::min(std::ssize(m_hops), first + k_hops); ++h) {
      const Hop& hop = m_hops[static_cast<std::size_t>(h)];
      squares += hop.squares;
      count += hop.crossings - (h == first && hop.crosses_at_start ? 1 : 0);
    }
    crossings.push_back(static_cast<float>(count) / k_size);
    rms.push_back(std::sqrt(squares / k_size));
  }
  out.zero_crossing_rate = summarise(crossings);
  out.rms = summarise(rms);
}

}  // namespace kbeat::audio
