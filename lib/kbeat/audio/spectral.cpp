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
constexpr double k_contrast_lowest = 200;     // Hz, then octaves
constexpr double k_contrast_quantile = 0.02;  // of a band's bins are its peaks, as many its valleys
constexpr float k_top_db = 80;                // under the loudest, where decibels are cut off

float decibels(double value) {
  return static_cast<float>(10 * std::log10(std::max(1e-10, value)));
}

void raise_to_top_db(std::vector<float>& values, float loudest) {
  for (float& v : values) v = std::max(v, loudest - k_top_db);
}

float largest(const std::array<std::vector<float>, 7>& bands) {
  float out = -1000;
  for (const auto& band : bands)
    for (const float v : band) out = std::max(out, v);
  return out;
}

}  // namespace

Statistic summarise(std::vector<float> values) {
  if (values.empty()) return {};
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

SpectralShape::SpectralShape() : m_magnitudes(k_bins), m_now(k_bins), m_before(k_bins), m_sorted(k_bins) {
  const auto bins_under = [](double hz) {
    return static_cast<std::size_t>(std::ceil(hz / static_cast<double>(k_bin_hz)));
  };
  double low = 0, high = k_contrast_lowest;
  for (std::size_t k = 0; k < k_contrast_bands; ++k, low = high, high *= 2) {
    Band& band = m_contrast_bands[k];
    const bool last = k + 1 == k_contrast_bands;
    // Each band takes one bin below its edge and gives away its highest; the last one takes all there is.
    band.first = k == 0 ? 0 : bins_under(low) - 1;
    band.last = last ? k_bins : std::min(k_bins, bins_under(std::nextafter(high, 1e9)));
    const double share = k_contrast_quantile * static_cast<double>(band.last - band.first);
    band.edge = std::max<std::size_t>(1, static_cast<std::size_t>(std::nearbyint(share)));
    if (!last) --band.last;
  }
}

void SpectralShape::shape_batch(std::size_t frames) {
  Lanes sum, moment;
  for (std::size_t k = 0; k < k_bins; ++k) {
    sum += m_magnitudes[k];
    moment += m_magnitudes[k] * static_cast<float>(k);
  }
  Lanes centroid;
  for (std::size_t lane = 0; lane < k_lanes; ++lane)
    centroid.set(lane, sum[lane] > 0 ? moment[lane] / sum[lane] : 0.0F);
  Lanes spread;
  for (std::size_t k = 0; k < k_bins; ++k) {
    const Lanes away{static_cast<float>(k) - centroid.v};
    spread += m_magnitudes[k] * away * away;
  }
  for (std::size_t lane = 0; lane < frames; ++lane) {
    m_centroid.push_back(centroid[lane] * k_bin_hz);
    m_bandwidth.push_back(sum[lane] > 0 ? std::sqrt(spread[lane] / sum[lane]) * k_bin_hz : 0.0F);
  }
}

void SpectralShape::flatness_batch(std::span<const Lanes> power, std::size_t frames) {
  Lanes sum, logs;
  for (std::size_t k = 0; k < k_bins; ++k) {
    Lanes p;
    p.v = power[k].v > k_least_power ? power[k].v : Lanes::Vector{} + k_least_power;
    sum += p;
    logs += log2(p);
  }
  for (std::size_t lane = 0; lane < frames; ++lane)
    m_flatness.push_back(std::exp2(logs[lane] / static_cast<float>(k_bins)) /
                         (sum[lane] / static_cast<float>(k_bins)));
}

void SpectralShape::push_frame(std::size_t lane) {
  double total = 0, rise = 0;
  for (std::size_t k = 0; k < k_bins; ++k) {
    m_now[k] = m_magnitudes[k][lane];
    total += static_cast<double>(m_now[k]);
    rise += static_cast<double>(std::max(0.0F, m_now[k] - m_before[k]));
  }
  std::size_t rolloff = 0;
  for (double passed = static_cast<double>(m_now[0]);
       passed < k_rolloff_share * total && rolloff + 1 < k_bins;)
    passed += static_cast<double>(m_now[++rolloff]);
  m_rolloff.push_back(static_cast<float>(rolloff) * k_bin_hz);
  m_flux.push_back(m_flux.empty() ? 0 : static_cast<float>(rise / static_cast<double>(k_bins)));
  for (std::size_t b = 0; b < k_contrast_bands; ++b) {
    const Band& band = m_contrast_bands[b];
    m_sorted.assign(m_now.begin() + static_cast<std::ptrdiff_t>(band.first),
                    m_now.begin() + static_cast<std::ptrdiff_t>(band.last));
    const auto edge = static_cast<std::ptrdiff_t>(band.edge);
    std::nth_element(m_sorted.begin(), m_sorted.begin() + edge - 1, m_sorted.end());
    const double low = std::accumulate(m_sorted.begin(), m_sorted.begin() + edge, 0.0);
    std::nth_element(m_sorted.begin(), m_sorted.end() - edge, m_sorted.end());
    const double high = std::accumulate(m_sorted.end() - edge, m_sorted.end(), 0.0);
    m_valleys[b].push_back(decibels(low / static_cast<double>(edge)));
    m_peaks[b].push_back(decibels(high / static_cast<double>(edge)));
  }
  m_before.swap(m_now);
}

void SpectralShape::write(std::span<const Lanes> power, std::size_t frames) {
  for (std::size_t k = 0; k < k_bins; ++k)
    for (std::size_t lane = 0; lane < k_lanes; ++lane) m_magnitudes[k].set(lane, std::sqrt(power[k][lane]));
  shape_batch(frames);
  flatness_batch(power, frames);
  for (std::size_t lane = 0; lane < frames; ++lane) push_frame(lane);
}

void SpectralShape::summarise_into(ExtraMetrics& out) {
  out.spectral_centroid = summarise(std::move(m_centroid));
  out.spectral_bandwidth = summarise(std::move(m_bandwidth));
  out.spectral_rolloff = summarise(std::move(m_rolloff));
  out.spectral_flatness = summarise(std::move(m_flatness));
  out.flux = summarise(std::move(m_flux));
  const float loudest_peak = largest(m_peaks), loudest_valley = largest(m_valleys);
  for (std::size_t b = 0; b < k_contrast_bands; ++b) {
    raise_to_top_db(m_peaks[b], loudest_peak);
    raise_to_top_db(m_valleys[b], loudest_valley);
    for (std::size_t i = 0; i < m_peaks[b].size(); ++i) m_peaks[b][i] -= m_valleys[b][i];
    out.spectral_contrast.push_back(summarise(std::move(m_peaks[b])));
  }
}

void FrameLevels::write(std::span<const float> samples) {
  for (const float raw : samples) {
    const float x = std::abs(raw) <= 1e-10F ? 0.0F : raw;
    if (m_filled == k_spectral_hop) {
      m_hops.emplace_back();
      m_filled = 0;
    }
    const bool negative = x < 0;
    const bool crosses = m_samples > 0 && negative != m_negative;
    Hop& hop = m_hops.back();
    if (m_filled == 0) hop.crosses_at_start = crosses;
    hop.crossings += crosses ? 1 : 0;
    hop.squares += x * x;
    m_negative = negative;
    ++m_filled;
    ++m_samples;
  }
}

void FrameLevels::summarise_into(ExtraMetrics& out) const {
  constexpr std::ptrdiff_t k_hops = k_spectral_size / k_spectral_hop;
  constexpr auto k_size = static_cast<float>(k_spectral_size);
  std::vector<float> crossings, rms;
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
  out.zero_crossing_rate = summarise(std::move(crossings));
  out.rms = summarise(std::move(rms));
}

}  // namespace kbeat::audio
