// Derived measures of how a track feels: energy, danceability, dynamic complexity.
#include "kbeat/audio/energy.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::audio {
namespace {

double share(double value, double from, double to) {
  return std::clamp((value - from) / (to - from), 0.0, 1.0);
}

double to_decibels(double mean_square) {
  return 10 * std::log10(std::max(mean_square, 1e-12));
}

/// What is left, as mean square, of a stretch of a walk after taking off the line through it.
double residue(std::span<const double> stretch) {
  const auto n = static_cast<double>(stretch.size());
  double sum = 0, sum_x = 0, squares = 0;
  for (std::size_t i = 0; i < stretch.size(); ++i) {
    // From the first value on, so that a walk far from 0 costs no digits.
    const double x = static_cast<double>(i) - (n - 1) / 2, y = stretch[i] - stretch[0];
    sum += y;
    sum_x += x * y;
    squares += y * y;
  }
  const double sum_xx = n * (n * n - 1) / 12;
  return std::max(0.0, squares - sum * sum / n - sum_x * sum_x / sum_xx) / n;
}

/// Root mean square of what is left of stretches of `length`, each a quarter after the other.
double fluctuation(std::span<const double> walk, std::size_t length) {
  double squares = 0;
  std::size_t stretches = 0;
  for (std::size_t start = 0; start + length <= walk.size(); start += length / 4, ++stretches)
    squares += residue(walk.subspan(start, length));
  return stretches > 0 ? std::sqrt(squares / static_cast<double>(stretches)) : 0;
}

}  // namespace

std::optional<double> energy(const EnergyInput& input) {
  if (!input.lufs) return std::nullopt;
  const double density = input.crest_db ? share(*input.crest_db, 20, 6) : 0;
  return 100 * (0.5 * share(*input.lufs, -30, -6) + 0.3 * share(input.onset_rate, 0, 8) + 0.2 * density);
}

std::optional<double> dynamic_complexity(std::span<const float> steps) {
  constexpr std::size_t k_frame = 2;     // steps, 200 ms
  constexpr double k_silent = -70;       // dB
  constexpr double k_weight_a_db = 0.9;  // the louder a frame, the more it counts: Vickers' figure
  std::vector<double> levels;
  for (std::size_t i = 0; i + k_frame <= steps.size(); i += k_frame) {
    const double level = to_decibels((static_cast<double>(steps[i]) + static_cast<double>(steps[i + 1])) / 2);
    if (level > k_silent) levels.push_back(level);
  }
  if (levels.empty()) return std::nullopt;
  double weights = 0, sum = 0, away = 0;
  for (const double level : levels) {
    const double weight = std::pow(k_weight_a_db, -level);
    weights += weight;
    sum += weight * level;
  }
  for (const double level : levels) away += std::abs(level - sum / weights);
  return away / static_cast<double>(levels.size());
}

std::optional<double> danceability(std::span<const float> level, double rate) {
  constexpr double k_shortest = 0.31, k_longest = 8.8, k_growth = 1.1;  // s: the range of the 2005 paper
  constexpr double k_short_bias = 3;   // frames: short stretches follow a line too well
  constexpr double k_constant = 0.05;  // of the level: noise moves by 0.03, and has no rhythm
  if (static_cast<double>(level.size()) < 10 * rate) return std::nullopt;
  double mean = 0;
  for (const float v : level) mean += static_cast<double>(v) / static_cast<double>(level.size());
  std::vector<double> walk;
  double position = 0, variance = 0;
  for (const float v : level) {
    const double away = static_cast<double>(v) - mean;
    walk.push_back(position += away);
    variance += away * away / static_cast<double>(level.size());
  }
  if (std::sqrt(variance) <= k_constant * mean) return std::nullopt;
  double exponents = 0, last_length = 0, last_log = 0;
  int count = 0;
  for (double tau = k_shortest; tau < k_longest; tau *= k_growth) {
    const auto length = static_cast<std::size_t>(tau * rate);
    const double f = fluctuation(walk, length);
    if (f <= 0) return std::nullopt;
    const double log_length = std::log(static_cast<double>(length) + k_short_bias), log_f = std::log(f);
    if (last_length > 0) {
      exponents += (log_f - last_log) / (log_length - last_length);
      ++count;
    }
    last_length = log_length;
    last_log = log_f;
  }
  return std::clamp(count / std::max(exponents, 1e-9), 0.0, 3.0);
}

std::vector<double> energy_curve(std::span<const float> level, double rate) {
  std::vector<double> out;
  const auto frames = static_cast<double>(level.size());
  for (double start = 0; start + rate / 2 < frames; start += rate) {
    const auto first = static_cast<std::size_t>(start);
    const std::size_t last = std::min(level.size(), static_cast<std::size_t>(start + rate));
    double sum = 0;
    for (std::size_t i = first; i < last; ++i)
      sum += static_cast<double>(level[i]) * static_cast<double>(level[i]);
    out.push_back(to_decibels(sum / static_cast<double>(last - first)));
  }
  return out;
}

std::vector<double> waveform(std::span<const float> level) {
  constexpr std::size_t k_most = 200;
  const std::size_t count = std::min(level.size(), k_most);
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    const auto first = level.begin() + static_cast<std::ptrdiff_t>(i * level.size() / count);
    const auto last = level.begin() + static_cast<std::ptrdiff_t>((i + 1) * level.size() / count);
    out.push_back(std::min(1.0, static_cast<double>(*std::max_element(first, last))));
  }
  return out;
}

}  // namespace kbeat::audio
