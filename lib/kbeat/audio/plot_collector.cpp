// Gathers during the one pass what a picture of the track needs.
#include "kbeat/audio/plot_collector.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "kbeat/audio/loudness.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_bands = 96;
constexpr std::size_t k_tempi = 80;
constexpr double k_silent_lufs = -70;

/// Which of `count` things of equal length fall into a column, one at least.
std::pair<std::size_t, std::size_t> in_column(std::size_t column, std::size_t count) {
  const std::size_t first = std::min(count - 1, column * count / k_plot_columns);
  return {first, std::max(first + 1, (column + 1) * count / k_plot_columns)};
}

float highest_in(const PeakOverview& overview, std::size_t of, std::size_t column) {
  const auto [first, last] = in_column(column, overview.size());
  float most = overview.at(first, of);
  for (std::size_t i = first + 1; i < last; ++i) most = std::max(most, overview.at(i, of));
  return most;
}

std::uint8_t to_cell(double share) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(share, 0.0, 1.0)));
}

PlotGrid empty_grid(std::size_t rows) {
  return {rows, k_plot_columns, std::vector<std::uint8_t>(rows * k_plot_columns)};
}

PlotGrid spectrogram_of(const PeakOverview& spectrum) {
  PlotGrid grid = empty_grid(k_bands);
  if (spectrum.size() == 0) return grid;
  static constexpr double k_least = 1e-12;  // of power, under which all is silence
  const auto decibels = [](float power) {
    return 10 * std::log10(std::max(k_least, static_cast<double>(power)));
  };
  float loudest = 0;
  for (std::size_t i = 0; i < spectrum.size(); ++i)
    for (std::size_t band = 0; band < k_bands; ++band) loudest = std::max(loudest, spectrum.at(i, band));
  if (static_cast<double>(loudest) <= k_least) return grid;
  for (std::size_t c = 0; c < k_plot_columns; ++c) {
    for (std::size_t band = 0; band < k_bands; ++band) {
      const double under = decibels(highest_in(spectrum, band, c)) - decibels(loudest);
      grid.cells[band * k_plot_columns + c] = to_cell(1 + under / k_plot_range_db);
    }
  }
  return grid;
}

PlotGrid chroma_of(const std::vector<Chroma>& frames) {
  PlotGrid grid = empty_grid(12);
  if (frames.empty()) return grid;
  for (std::size_t c = 0; c < k_plot_columns; ++c) {
    Chroma sum{};
    const auto [first, last] = in_column(c, frames.size());
    for (std::size_t i = first; i < last; ++i)
      for (std::size_t k = 0; k < 12; ++k) sum[k] += frames[i][k];
    const float most = *std::max_element(sum.begin(), sum.end());
    for (std::size_t k = 0; k < 12 && most > 0; ++k)
      grid.cells[k * k_plot_columns + c] = to_cell(static_cast<double>(sum[k] / most));
  }
  return grid;
}

double correlation(std::span<const float> window, double lag) {
  const auto whole = static_cast<std::size_t>(lag + 0.5);
  if (whole >= window.size()) return 0;
  double sum = 0;
  for (std::size_t i = 0; i + whole < window.size(); ++i)
    sum += static_cast<double>(window[i]) * static_cast<double>(window[i + whole]);
  return sum / static_cast<double>(window.size() - whole);
}

/// Autocorrelation in windows of 8 s around each column.
PlotGrid tempogram_of(const std::vector<float>& onsets) {
  constexpr auto k_half = static_cast<std::size_t>(4 * k_onset_rate);
  PlotGrid grid = empty_grid(k_tempi);
  for (std::size_t c = 0; c < k_plot_columns && !onsets.empty(); ++c) {
    const std::size_t middle = in_column(c, onsets.size()).first;
    const std::size_t first = middle > k_half ? middle - k_half : 0;
    const std::span<const float> window =
        std::span(onsets).subspan(first, std::min(onsets.size(), middle + k_half) - first);
    const double power = correlation(window, 0);
    for (std::size_t row = 0; row < k_tempi && power > 0; ++row) {
      const double share = static_cast<double>(row) / (k_tempi - 1);
      const double bpm = k_plot_slowest * std::pow(k_plot_fastest / k_plot_slowest, share);
      grid.cells[row * k_plot_columns + c] = to_cell(correlation(window, 60 * k_onset_rate / bpm) / power);
    }
  }
  return grid;
}

/// LUFS of the `width` steps that end where a column does.
std::vector<float> loudness_of(std::span<const float> steps, std::size_t width) {
  std::vector<float> out(k_plot_columns, static_cast<float>(k_silent_lufs));
  if (steps.empty()) return out;
  for (std::size_t c = 0; c < k_plot_columns; ++c) {
    const std::size_t end = in_column(c, steps.size()).second;
    const std::size_t first = end > width ? end - width : 0;
    const double sum = std::accumulate(steps.begin() + static_cast<std::ptrdiff_t>(first),
                                       steps.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
    const double power = sum / static_cast<double>(end - first);
    if (power > 0) out[c] = static_cast<float>(std::max(k_silent_lufs, to_lufs(power)));
  }
  return out;
}

}  // namespace

PlotCollector::PlotCollector() : m_slice(k_bands), m_spectrum(k_bands, 1), m_waveform(2, 1) {
  const auto bin_of = [](double band) {
    const double hertz = k_plot_lowest_hz * std::pow(k_plot_highest_hz / k_plot_lowest_hz, band / k_bands);
    return hertz * k_onset_size / k_analysis_rate;
  };
  for (std::size_t band = 0; band < k_bands; ++band) {
    const auto first = static_cast<std::size_t>(std::lround(bin_of(static_cast<double>(band))));
    const auto last = static_cast<std::size_t>(std::lround(bin_of(static_cast<double>(band) + 1)));
    m_bands.push_back({first, std::max(first + 1, last)});
  }
}

void PlotCollector::write_samples(std::span<const float> mono) {
  for (const float x : mono) m_waveform.add(std::array{x, -x});
}

void PlotCollector::write_spectrum(std::span<const Lanes> power, std::size_t frames) {
  for (std::size_t lane = 0; lane < frames; ++lane) {
    for (std::size_t band = 0; band < k_bands; ++band) {
      m_slice[band] = 0;
      for (std::size_t bin = m_bands[band].first; bin < m_bands[band].last; ++bin)
        m_slice[band] = std::max(m_slice[band], power[bin][lane]);
    }
    m_spectrum.add(m_slice);
  }
}

PlotData PlotCollector::finish(const OnsetCurves& curves, const ChromaTrack& harmony,
                               std::span<const float> loudness_steps) const {
  PlotData data;
  data.lowest.resize(k_plot_columns);
  data.highest.resize(k_plot_columns);
  for (std::size_t c = 0; c < k_plot_columns && m_waveform.size() > 0; ++c) {
    data.highest[c] = highest_in(m_waveform, 0, c);
    data.lowest[c] = -highest_in(m_waveform, 1, c);
  }
  data.spectrogram = spectrogram_of(m_spectrum);
  data.chroma = chroma_of(harmony.frames);
  data.tempogram = tempogram_of(curves.all);
  data.momentary = loudness_of(loudness_steps, 4);
  data.short_term = loudness_of(loudness_steps, 30);
  return data;
}

}  // namespace kbeat::audio
