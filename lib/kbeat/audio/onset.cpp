// Onset strength: how much new sound starts in each hundredth of a second, band by band.
#include "kbeat/audio/onset.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace kbeat::audio {
namespace {

constexpr double k_lowest = 30, k_highest = 10'500;  // Hz
constexpr int k_bands_per_octave = 12;
constexpr float k_log_gain = 1000;  // a tone at -60 dBFS is where the logarithm starts to compress
constexpr double k_bass_end = 120;  // Hz

double bin_frequency(double bin) {
  return bin * k_analysis_rate / k_onset_size;
}

OnsetBand region_of(double frequency) {
  return frequency < 200    ? k_below_200
         : frequency < 800  ? k_to_800
         : frequency < 3200 ? k_to_3200
                            : k_above_3200;
}

/// Bins nearest to twelfths of an octave, each once.
std::vector<std::size_t> band_centres() {
  std::vector<std::size_t> bins;
  for (int i = 0;; ++i) {
    const double frequency = k_lowest * std::pow(2.0, static_cast<double>(i) / k_bands_per_octave);
    const auto bin = static_cast<std::size_t>(std::lround(frequency / bin_frequency(1)));
    if (frequency > k_highest || bin > k_onset_size / 2) return bins;
    if (bin > 0 && (bins.empty() || bin > bins.back())) bins.push_back(bin);
  }
}

/// The mean of `values` over `reach` frames to each side, fewer at the ends.
std::vector<double> moving_mean(const std::vector<float>& values, std::size_t reach, bool squared) {
  std::vector<double> sums(values.size() + 1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    sums[i + 1] = sums[i] + (squared ? value * value : value);
  }
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t first = i > reach ? i - reach : 0, last = std::min(values.size(), i + reach + 1);
    out[i] = (sums[last] - sums[first]) / static_cast<double>(last - first);
  }
  return out;
}

/// Divides by the RMS over 8 s, which is kept from falling under a fifth of the whole's: a pause must not
/// be blown up to music.
void even_out(std::vector<float>& values) {
  const std::vector<double> local = moving_mean(values, static_cast<std::size_t>(4 * k_onset_rate), true);
  double whole = 0;
  for (const float v : values) whole += static_cast<double>(v) * static_cast<double>(v);
  whole /= static_cast<double>(std::max<std::size_t>(1, values.size()));
  if (whole < 1e-12) return;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] =
        static_cast<float>(static_cast<double>(values[i]) / std::sqrt(std::max(local[i], whole / 25)));
}

double rise_of(const OnsetTrack& track) {
  double squares = 0;
  for (std::size_t i = 0; i < track.frames(); ++i) {
    double sum = 0;
    for (std::size_t b = 0; b < k_power; ++b) sum += static_cast<double>(track.flux[b][i]);
    squares += sum * sum;
  }
  const auto bands = static_cast<double>(band_centres().size() - 2);
  return std::sqrt(squares / static_cast<double>(std::max<std::size_t>(1, track.frames()))) / bands;
}

std::vector<float> smoothed(const std::vector<float>& x) {
  std::vector<float> out(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float before = i > 0 ? x[i - 1] : x[i], after = i + 1 < x.size() ? x[i + 1] : x[i];
    out[i] = 0.25F * before + 0.5F * x[i] + 0.25F * after;
  }
  return out;
}

}  // namespace

OnsetExtractor::OnsetExtractor() {
  make_filters();
  m_bands.resize(m_filters.size());
  m_bands_before.resize(m_filters.size());
}

void OnsetExtractor::make_filters() {
  const auto centres = band_centres();
  for (std::size_t i = 1; i + 1 < centres.size(); ++i) {
    Filter filter{centres[i - 1] + 1, {}, region_of(bin_frequency(static_cast<double>(centres[i])))};
    const auto low = static_cast<double>(centres[i - 1]), high = static_cast<double>(centres[i + 1]);
    const auto centre = static_cast<double>(centres[i]);
    for (std::size_t bin = centres[i - 1] + 1; bin < centres[i + 1]; ++bin) {
      const auto b = static_cast<double>(bin);
      const double weight = b <= centre ? (b - low) / (centre - low) : (high - b) / (high - centre);
      // Power over the square of half the window's sum is 1 for a tone at full scale.
      filter.weights.push_back(static_cast<float>(weight / std::pow(k_onset_size / 4.0, 2)));
    }
    m_filters.push_back(std::move(filter));
  }
}

void OnsetExtractor::filter_batch(std::span<const Lanes> power) {
  const auto bass_end = static_cast<std::size_t>(k_bass_end / bin_frequency(1)) + 1;
  m_bass = m_whole = {};
  for (std::size_t k = 1; k < bass_end; ++k) m_bass += power[k];
  for (std::size_t k = bass_end; k < power.size(); ++k) m_whole += power[k];
  m_whole += m_bass;
  for (std::size_t i = 0; i < m_filters.size(); ++i) {
    Lanes sum;
    const Filter& filter = m_filters[i];
    for (std::size_t k = 0; k < filter.weights.size(); ++k)
      sum += power[filter.first + k] * filter.weights[k];
    Lanes scaled;
    for (std::size_t lane = 0; lane < k_lanes; ++lane)
      scaled.set(lane, 1.0F + k_log_gain * std::sqrt(sum[lane]));
    m_bands[i] = log2(scaled);
  }
}

/// Each frame against the one two before it, of the largest of three neighbouring bands.
void OnsetExtractor::sum_rises() {
  const auto two_before = [this](std::size_t band) {
    return delayed(m_bands_before[band], m_bands[band], 2);
  };
  m_flux = {};
  Lanes below = two_before(0), here = below;
  for (std::size_t i = 0; i < m_bands.size(); ++i) {
    const Lanes above = i + 1 < m_bands.size() ? two_before(i + 1) : here;
    m_flux[m_filters[i].region] += max(Lanes{}, m_bands[i] - max(max(below, here), above));
    below = here;
    here = above;
  }
  m_bands_before.swap(m_bands);
}

void OnsetExtractor::push_frame(std::size_t lane) {
  // Half the spectrum of a Hann window with power 3/8: by Parseval this is the frame's RMS.
  constexpr float k_scale = 2.309401F / k_onset_size;
  const float level = k_scale * std::sqrt(m_whole[lane]);
  const std::size_t now = m_track.frames();
  for (std::size_t b = 0; b < k_power; ++b) m_track.flux[b].push_back(now >= 2 ? m_flux[b][lane] : 0.0F);
  m_track.flux[k_power].push_back(now > 0 ? std::max(0.0F, level - m_last_level) : 0.0F);
  m_last_level = level;
  m_track.level.push_back(level);
  m_track.low_level.push_back(k_scale * std::sqrt(m_bass[lane]));
}

void OnsetExtractor::write(std::span<const Lanes> power, std::size_t frames) {
  filter_batch(power);
  sum_rises();
  for (std::size_t lane = 0; lane < frames; ++lane) push_frame(lane);
}

OnsetCurves normalise(const OnsetTrack& track) {
  constexpr std::array<float, k_onset_bands> k_weights = {1.0F, 0.7F, 1.0F, 0.8F, 1.0F};
  OnsetCurves curves;
  curves.all.assign(track.frames(), 0.0F);
  for (std::size_t b = 0; b < k_onset_bands; ++b) {
    auto& band = curves.bands[b] = smoothed(track.flux[b]);
    const auto mean = moving_mean(band, static_cast<std::size_t>(k_onset_rate / 2), false);
    for (std::size_t i = 0; i < band.size(); ++i) band[i] -= static_cast<float>(mean[i]);
    even_out(band);
    for (std::size_t i = 0; i < band.size(); ++i) curves.all[i] += k_weights[b] * band[i];
  }
  even_out(curves.all);
  curves.rise = rise_of(track);
  return curves;
}

OnsetCurves cut(const OnsetCurves& curves, FrameRange range) {
  const auto part = [range](const std::vector<float>& curve) {
    const auto first = curve.begin() + static_cast<std::ptrdiff_t>(range.first);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(range.size()));
  };
  OnsetCurves out;
  for (std::size_t b = 0; b < k_onset_bands; ++b) out.bands[b] = part(curves.bands[b]);
  out.all = part(curves.all);
  out.rise = curves.rise;
  return out;
}

double peak_near(const std::vector<float>& curve, double seconds) {
  const auto centre = static_cast<std::ptrdiff_t>(std::lround(seconds * k_onset_rate));
  double highest = 0;
  for (auto i = std::max<std::ptrdiff_t>(0, centre - 3); i < std::min(std::ssize(curve), centre + 4); ++i)
    highest = std::max(highest, static_cast<double>(curve[static_cast<std::size_t>(i)]));
  return highest;
}

double onset_rate(const OnsetTrack& track) {
  constexpr std::size_t k_near = 3, k_around = 15;  // frames
  constexpr double k_over_mean = 6;                 // in log2 units summed over the bands
  std::vector<float> sum(track.frames());
  for (std::size_t b = 0; b < k_power; ++b)
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += track.flux[b][i];
  const auto mean = moving_mean(sum, k_around, false);
  std::size_t count = 0;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const std::size_t first = i > k_near ? i - k_near : 0, last = std::min(sum.size(), i + k_near + 1);
    const auto highest = std::max_element(sum.begin() + static_cast<std::ptrdiff_t>(first),
                                          sum.begin() + static_cast<std::ptrdiff_t>(last));
    const bool peak = highest == sum.begin() + static_cast<std::ptrdiff_t>(i);
    if (peak && static_cast<double>(sum[i]) > mean[i] + k_over_mean) ++count;
  }
  if (sum.empty()) return 0;
  return static_cast<double>(count) * k_onset_rate / static_cast<double>(sum.size());
}

}  // namespace kbeat::audio
