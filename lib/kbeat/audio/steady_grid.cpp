// The even grid that a machine's beats lie on.
#include "kbeat/audio/steady_grid.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>
#include <vector>

namespace kbeat::audio {
namespace {

constexpr double k_turn = 2 * std::numbers::pi;

/// Mean of the beats as pointers that turn once in half a period.
std::complex<double> mean_pointer(std::span<const double> beats, double period) {
  std::complex<double> sum;
  for (const double beat : beats) sum += std::polar(1.0, 2 * k_turn * beat / period);
  return sum / static_cast<double>(beats.size());
}

/// The interval over eight beats, where the jitter of each counts little.
double typical_interval(std::span<const double> beats, double period) {
  const std::size_t span = std::min<std::size_t>(8, beats.size() / 2);
  std::vector<double> intervals;
  for (std::size_t i = 0; i + span < beats.size(); ++i)
    intervals.push_back((beats[i + span] - beats[i]) / static_cast<double>(span));
  return intervals.empty() ? period : median(std::move(intervals));
}

/// How well the beats lie on each of the grids whose rates go up by equal steps: the pointers of all beats
/// turn on by what each turns in a step, which costs less than to aim them anew.
std::vector<double> coherences(std::span<const double> beats, double first_rate, double step,
                               std::size_t count) {
  std::vector<double> re, im, turn_re, turn_im, out;
  for (const double beat : beats) {
    const std::complex<double> start = std::polar(1.0, 2 * k_turn * beat * first_rate);
    const std::complex<double> turn = std::polar(1.0, 2 * k_turn * beat * step);
    re.push_back(start.real()), im.push_back(start.imag());
    turn_re.push_back(turn.real()), turn_im.push_back(turn.imag());
  }
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(
        std::hypot(std::accumulate(re.begin(), re.end(), 0.0), std::accumulate(im.begin(), im.end(), 0.0)));
    for (std::size_t b = 0; b < re.size(); ++b) {
      const double x = re[b] * turn_re[b] - im[b] * turn_im[b];
      im[b] = re[b] * turn_im[b] + im[b] * turn_re[b];
      re[b] = x;
    }
  }
  return out;
}

/// The period near `centre` on whose grid the beats lie best.
double best_period(std::span<const double> beats, double centre) {
  constexpr double k_reach = 0.012, k_step_turns = 0.08;  // share of the period; turns from end to end
  const double length = std::max(centre, beats.back() - beats.front());
  const double step = k_step_turns / (2 * length);  // beats a second
  const auto steps = std::min<std::size_t>(2000, static_cast<std::size_t>(k_reach / centre / step) + 1);
  const double slowest = 1 / centre - static_cast<double>(steps) * step;
  const std::vector<double> found = coherences(beats, slowest, step, 2 * steps + 1);
  const auto best = std::max_element(found.begin(), found.end()) - found.begin();
  return 1 / (slowest + static_cast<double>(best) * step);
}

/// Distance from the nearest beat or half beat.
double residual(double beat, const SteadyGrid& grid) {
  return std::remainder(beat - grid.phase, grid.period / 2);
}

/// Least squares over the beats that are not far off.
void polish(std::span<const double> beats, SteadyGrid& grid) {
  std::vector<double> distances;
  for (const double beat : beats) distances.push_back(std::abs(residual(beat, grid)));
  const double limit = std::max(3 * median(distances), 0.01 * grid.period);
  double n = 0, k = 0, r = 0, kk = 0, kr = 0;
  for (const double beat : beats) {
    const double away = residual(beat, grid);
    if (std::abs(away) > limit) continue;
    const double index = (beat - away - grid.phase) / grid.period;
    n += 1, k += index, r += away, kk += index * index, kr += index * away;
  }
  const double determinant = n * kk - k * k;
  if (n < 3 || determinant <= 0) return;
  const double slope = (n * kr - k * r) / determinant;
  grid.period += slope;
  grid.phase += (r - slope * k) / n;
}

/// Of the two places half a beat apart, the one more beats are at.
void choose_side(std::span<const double> beats, SteadyGrid& grid) {
  std::size_t on = 0;
  for (const double beat : beats)
    on += std::abs(std::remainder(beat - grid.phase, grid.period)) < grid.period / 4 ? 1 : 0;
  if (2 * on < beats.size()) grid.phase += grid.period / 2;
}

}  // namespace

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

SteadyGrid fit_steady_grid(std::span<const double> beats, double period) {
  SteadyGrid grid{period, 0, 0, period};
  if (beats.size() < 3) return grid;
  grid.period = best_period(beats, typical_interval(beats, period));
  grid.phase = std::arg(mean_pointer(beats, grid.period)) / (2 * k_turn) * grid.period;
  for (int round = 0; round < 2; ++round) polish(beats, grid);
  choose_side(beats, grid);
  grid.coherence = std::abs(mean_pointer(beats, grid.period));
  std::vector<double> distances;
  for (const double beat : beats) distances.push_back(std::abs(residual(beat, grid)));
  grid.spread = median(std::move(distances));
  return grid;
}

}  // namespace kbeat::audio
