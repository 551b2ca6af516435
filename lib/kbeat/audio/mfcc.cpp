// Mel-frequency cepstral coefficients by librosa's definition.
#include "kbeat/audio/mfcc.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_waiting_frames = 1292;  // 30 s
constexpr float k_mel_floor = 1e-10F, k_mel_range_db = 80;
constexpr float k_db_per_octave = 3.0103F;  // 10·log10(2)

/// Slaney's scale: linear to 1 kHz, then 27 steps for each factor of 6.4.
double mel_to_hz(double mel) {
  constexpr double k_linear = 200.0 / 3, k_break = 1000 / k_linear;
  return mel < k_break ? mel * k_linear : 1000 * std::exp(std::log(6.4) / 27 * (mel - k_break));
}

double hz_to_mel(double hz) {
  constexpr double k_linear = 200.0 / 3, k_break = 1000 / k_linear;
  return hz < 1000 ? hz / k_linear : k_break + std::log(hz / 1000) * 27 / std::log(6.4);
}

}  // namespace

MfccMeter::MfccMeter() {
  const double highest = hz_to_mel(k_analysis_rate / 2);
  const auto edge = [&](std::size_t i) {
    return mel_to_hz(highest * static_cast<double>(i) / static_cast<double>(k_mel_bands + 1));
  };
  for (std::size_t m = 0; m < k_mel_bands; ++m) {
    Band band;
    const double low = edge(m), centre = edge(m + 1), high = edge(m + 2);
    for (std::size_t k = 0; k <= k_spectral_size / 2; ++k) {
      const double hz = static_cast<double>(k) * k_analysis_rate / k_spectral_size;
      const double weight = std::min((hz - low) / (centre - low), (high - hz) / (high - centre));
      if (weight <= 0) continue;
      if (band.weights.empty()) band.first = k;
      band.weights.push_back(static_cast<float>(weight * 2 / (high - low)));
    }
    m_bands.push_back(std::move(band));
  }
  for (std::size_t c = 0; c < k_mfcc; ++c)
    for (std::size_t m = 0; m < k_mel_bands; ++m) {
      const double phase =
          std::numbers::pi * static_cast<double>(c) * (static_cast<double>(m) + 0.5) / k_mel_bands;
      m_cosines[c][m] = static_cast<float>(std::cos(phase) * std::sqrt((c == 0 ? 1.0 : 2.0) / k_mel_bands));
    }
}

void MfccMeter::transform(Row& decibels) {
  for (float& v : decibels) v = std::max(v, m_loudest - k_mel_range_db);
  for (std::size_t c = 0; c < k_mfcc; ++c) {
    EightSums sum;
    for (std::size_t m = 0; m < k_mel_bands; m += EightSums::k_step)
      sum.add_products(&decibels[m], &m_cosines[c][m]);
    m_coefficients[c].push_back(static_cast<float>(sum.total()));
  }
}

void MfccMeter::settle() {
  for (Row& row : m_waiting) transform(row);
  m_waiting = {};
  m_settled = true;
}

void MfccMeter::write(std::span<const Lanes> power, std::size_t frames) {
  std::array<Row, k_lanes> rows;
  for (std::size_t m = 0; m < k_mel_bands; ++m) {
    Lanes sum;
    const Band& band = m_bands[m];
    for (std::size_t k = 0; k < band.weights.size(); ++k) sum += power[band.first + k] * band.weights[k];
    sum.v = sum.v > k_mel_floor ? sum.v : Lanes::Vector{} + k_mel_floor;
    const Lanes decibels = log2(sum) * k_db_per_octave;
    for (std::size_t lane = 0; lane < k_lanes; ++lane) rows[lane][m] = decibels[lane];
  }
  for (std::size_t lane = 0; lane < frames; ++lane) {
    m_loudest = std::max(m_loudest, *std::max_element(rows[lane].begin(), rows[lane].end()));
    if (m_settled) {
      transform(rows[lane]);
    } else {
      m_waiting.push_back(rows[lane]);
      if (m_waiting.size() == k_waiting_frames) settle();
    }
  }
}

void MfccMeter::summarise_into(ExtraMetrics& out) {
  settle();
  for (const FrameValues& values : m_coefficients) out.mfcc.push_back(summarise(values));
}

}  // namespace kbeat::audio
