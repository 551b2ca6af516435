// How far the peaks of a spectrum stand over its valleys, octave by octave.
#include "kbeat/audio/spectral_contrast.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_contrast_bins = k_spectral_size / 2 + 1;
constexpr double k_lowest_contrast = 200;  // Hz, then octaves
constexpr double k_quantile = 0.02;        // of a band's bins are its peaks, as many its valleys
constexpr std::size_t k_most_edge = 9;     // that many in the widest band
constexpr float k_top_db = 80;             // under the loudest, where decibels are cut off

float decibels(double value) {
  return static_cast<float>(10 * std::log10(std::max(1e-10, value)));
}

void raise_to_top_db(FrameValues& values, float loudest) {
  for (float& v : values) v = std::max(v, loudest - k_top_db);
}

float loudest_of(const std::array<FrameValues, 7>& bands) {
  float out = -1000;
  for (const auto& band : bands)
    for (const float v : band) out = std::max(out, v);
  return out;
}

double mean_of(std::span<const Lanes> values, std::size_t lane) {
  double sum = 0;
  for (const Lanes& value : values) sum += static_cast<double>(value[lane]);
  return sum / static_cast<double>(values.size());
}

}  // namespace

SpectralContrast::SpectralContrast() {
  const auto bins_under = [](double hz) {
    return static_cast<std::size_t>(std::ceil(hz * k_spectral_size / k_analysis_rate));
  };
  double low = 0, high = k_lowest_contrast;
  for (std::size_t k = 0; k < k_bands; ++k, low = high, high *= 2) {
    Band& band = m_bands[k];
    const bool last = k + 1 == k_bands;
    // Each band takes one bin below its edge and gives away its highest; the last one takes all there is.
    band.first = k == 0 ? 0 : bins_under(low) - 1;
    band.last = last ? k_contrast_bins : std::min(k_contrast_bins, bins_under(std::nextafter(high, 1e9)));
    const double share = k_quantile * static_cast<double>(band.last - band.first);
    band.edge = std::clamp<std::size_t>(static_cast<std::size_t>(std::nearbyint(share)), 1, k_most_edge);
    if (!last) --band.last;
  }
}

void SpectralContrast::write_band(std::size_t number, std::span<const Lanes> magnitudes, std::size_t frames) {
  const Band& band = m_bands[number];
  // Sorted in each lane: a value sinks to its place and pushes the last one out.
  std::array<Lanes, k_most_edge> highest, lowest;
  const Lanes at_first = magnitudes[band.first];
  highest.fill(Lanes{} - 1.0F);
  lowest.fill(Lanes{} + 1e30F);
  highest[0] = lowest[0] = at_first;
  for (std::size_t k = band.first + 1; k < band.last; ++k) {
    Lanes high = magnitudes[k], low = high;
    for (std::size_t place = 0; place < band.edge; ++place) {
      const Lanes higher = max(highest[place], high), lower = min(lowest[place], low);
      high = min(highest[place], high);
      low = max(lowest[place], low);
      highest[place] = higher;
      lowest[place] = lower;
    }
  }
  for (std::size_t lane = 0; lane < frames; ++lane) {
    m_peaks[number].push_back(decibels(mean_of(std::span(highest).first(band.edge), lane)));
    m_valleys[number].push_back(decibels(mean_of(std::span(lowest).first(band.edge), lane)));
  }
}

void SpectralContrast::write(std::span<const Lanes> magnitudes, std::size_t frames) {
  for (std::size_t band = 0; band < k_bands; ++band) write_band(band, magnitudes, frames);
}

void SpectralContrast::summarise_into(ExtraMetrics& out) {
  const float highest_peak = loudest_of(m_peaks), highest_valley = loudest_of(m_valleys);
  for (std::size_t b = 0; b < k_bands; ++b) {
    raise_to_top_db(m_peaks[b], highest_peak);
    raise_to_top_db(m_valleys[b], highest_valley);
    for (std::size_t i = 0; i < m_peaks[b].size(); ++i) m_peaks[b][i] -= m_valleys[b][i];
    out.spectral_contrast.push_back(summarise(m_peaks[b]));
  }
}

}  // namespace kbeat::audio
