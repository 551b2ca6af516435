// Turns tracked beats into times and the tempo they keep.
#include "kbeat/audio/beat_grid.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace kbeat::audio {
namespace {

// The flux of an onset peaks before its centre reaches the window's: measured on synthesised clicks.
constexpr double k_latency = 0.0;    // s
constexpr double k_machine = 0.012;  // s, typical distance from the line up to which it is trusted
constexpr double k_change = 0.02;    // of the tempo between the first and last third

struct Line {
  double start = 0, step = 0;
  [[nodiscard]] double at(std::size_t i) const { return start + step * static_cast<double>(i); }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Least squares over (index, time) of those that `keep` names.
Line fit(std::span<const double> times, const std::vector<char>& keep) {
  double n = 0, sum_i = 0, sum_t = 0, sum_ii = 0, sum_it = 0;
  for (std::size_t k = 0; k < times.size(); ++k) {
    if (!keep[k]) continue;
    const auto i = static_cast<double>(k);
    n += 1;
    sum_i += i;
    sum_t += times[k];
    sum_ii += i * i;
    sum_it += i * times[k];
  }
  const double determinant = n * sum_ii - sum_i * sum_i;
  if (determinant <= 0) return {};
  const double step = (n * sum_it - sum_i * sum_t) / determinant;
  return {(sum_t - step * sum_i) / n, step};
}

double typical_distance(std::span<const double> times, const Line& line) {
  std::vector<double> distances;
  for (std::size_t i = 0; i < times.size(); ++i) distances.push_back(std::abs(times[i] - line.at(i)));
  return median(distances);
}

/// Leaves out what is far from the line, three times.
Line robust_fit(std::span<const double> times) {
  std::vector<char> keep(times.size(), 1);
  Line line = fit(times, keep);
  for (int round = 0; round < 3; ++round) {
    const double limit = 3 * std::max(0.002, typical_distance(times, line));
    for (std::size_t i = 0; i < times.size(); ++i) keep[i] = std::abs(times[i] - line.at(i)) <= limit;
    if (std::count(keep.begin(), keep.end(), 1) < 3) return line;
    line = fit(times, keep);
  }
  return line;
}

double stability_of(const std::vector<double>& beats) {
  std::vector<double> intervals;
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) intervals.push_back(beats[i + 1] - beats[i]);
  const double middle = median(intervals);
  for (double& interval : intervals) interval = std::abs(interval - middle);
  const double spread = 1.4826 * median(intervals) / middle;
  return std::clamp(1 - 10 * spread, 0.0, 1.0);
}

/// The median slope of lines through sixteen beats: follows a player's tempo, not his pauses.
double local_step(std::span<const double> beats) {
  constexpr std::size_t k_beats = 16;
  if (beats.size() <= k_beats) return robust_fit(beats).step;
  std::vector<double> steps;
  for (std::size_t i = 0; i + k_beats <= beats.size(); i += k_beats / 2)
    steps.push_back(robust_fit(beats.subspan(i, k_beats)).step);
  return median(steps);
}

double mean_strength(const std::vector<float>& curve, const std::vector<double>& frames) {
  double sum = 0, count = 0;
  for (const double frame : frames) {
    const auto centre = static_cast<std::ptrdiff_t>(std::lround(frame));
    // The first frames have nothing before them to rise from.
    if (centre < 3 || centre + 3 > std::ssize(curve)) continue;
    sum += static_cast<double>(*std::max_element(curve.begin() + centre - 2, curve.begin() + centre + 3));
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

}  // namespace

BeatGrid make_loop_grid(const std::vector<float>& curve, const std::vector<double>& beats, double seconds,
                        int count) {
  constexpr double k_agrees = 0.6;  // of the strength that free tracking finds
  BeatGrid grid;
  std::vector<double> frames;
  for (int i = 0; i < count; ++i) {
    grid.beats.push_back(seconds * i / count);
    frames.push_back(grid.beats.back() * k_onset_rate);
  }
  if (mean_strength(curve, frames) < k_agrees * mean_strength(curve, beats)) return make_grid(beats);
  grid.bpm = 60 * count / seconds;
  grid.stability = 1;
  return grid;
}

BeatGrid make_grid(const std::vector<double>& beats) {
  BeatGrid grid;
  for (const double frame : beats) grid.beats.push_back(std::max(0.0, frame / k_onset_rate + k_latency));
  const std::span<const double> all(grid.beats);
  const std::size_t third = all.size() / 3;
  if (third >= 8) {
    const double early = local_step(all.first(third)), late = local_step(all.last(third));
    grid.changes = std::abs(early - late) > k_change * late;
  }
  grid.stability = stability_of(grid.beats);
  const Line line = robust_fit(all);
  const bool machine = typical_distance(all, line) < k_machine;
  grid.bpm = 60 / (machine ? line.step : local_step(all));
  if (machine)
    for (std::size_t i = 0; i < grid.beats.size(); ++i) grid.beats[i] = std::max(0.0, line.at(i));
  return grid;
}

}  // namespace kbeat::audio
