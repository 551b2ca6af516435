// Turns tracked beats into times and the tempo they keep.
#include "kbeat/audio/beat_grid.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "kbeat/audio/beat_phase.hpp"
#include "kbeat/audio/beat_track.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_change = 0.02;  // of the tempo between the first and last third
constexpr double k_edge = 0.05;    // s, a beat may lie outside the sound

/// The median slope of lines through sixteen beats: follows a player's tempo, not his pauses.
double local_step(std::span<const double> beats) {
  constexpr std::size_t k_beats = 16;
  const auto slope = [](std::span<const double> part) {
    double n = 0, sum_i = 0, sum_t = 0, sum_ii = 0, sum_it = 0;
    for (const double t : part) {
      sum_i += n, sum_t += t, sum_ii += n * n, sum_it += n * t;
      n += 1;
    }
    return (n * sum_it - sum_i * sum_t) / (n * sum_ii - sum_i * sum_i);
  };
  if (beats.size() <= k_beats) return slope(beats);
  std::vector<double> steps;
  for (std::size_t i = 0; i + k_beats <= beats.size(); i += k_beats / 2)
    steps.push_back(slope(beats.subspan(i, k_beats)));
  return median(steps);
}

double stability_of(double spread, double interval) {
  return std::clamp(1 - 10 * 1.4826 * spread / interval, 0.0, 1.0);
}

/// Spread of the intervals about their median.
double interval_spread(const std::vector<double>& beats) {
  std::vector<double> intervals;
  for (std::size_t i = 0; i + 1 < beats.size(); ++i) intervals.push_back(beats[i + 1] - beats[i]);
  const double middle = median(intervals);
  for (double& interval : intervals) interval = std::abs(interval - middle);
  return median(intervals);
}

bool tempo_changes(std::span<const double> beats) {
  const std::size_t third = beats.size() / 3;
  if (third < 8) return false;
  const double early = local_step(beats.first(third)), late = local_step(beats.last(third));
  return std::abs(early - late) > k_change * late;
}

std::vector<double> beats_on(const SteadyGrid& steady, Sounding sounding) {
  std::vector<double> out;
  const double start = std::max(0.0, sounding.first - k_edge);
  double index = std::ceil((start - steady.phase) / steady.period);
  for (; steady.phase + index * steady.period <= sounding.last + k_edge; index += 1)
    out.push_back(steady.phase + index * steady.period);
  return out;
}

}  // namespace

BeatGrid make_loop_grid(double seconds, int count) {
  BeatGrid grid;
  for (int i = 0; i < count; ++i) grid.beats.push_back(seconds * i / count);
  grid.bpm = 60 * count / seconds;
  grid.stability = 1;
  return grid;
}

BeatGrid make_grid(const std::vector<double>& beats, Sounding sounding) {
  BeatGrid grid;
  for (const double frame : beats) grid.beats.push_back(frame / k_onset_rate);
  const double typical = local_step(grid.beats);
  const SteadyGrid steady = fit_steady_grid(grid.beats, typical);
  grid.changes = tempo_changes(grid.beats);
  if (steady.steady() && !grid.changes) {
    grid.bpm = 60 / steady.period;
    grid.stability = stability_of(steady.spread, steady.period);
    grid.beats = beats_on(steady, sounding);
    return grid;
  }
  grid.bpm = 60 / typical;
  grid.stability = stability_of(interval_spread(grid.beats), typical);
  std::erase_if(grid.beats,
                [&](double beat) { return beat < sounding.first - k_edge || beat > sounding.last + k_edge; });
  return grid;
}

BeatGrid make_stretched_grid(const OnsetCurves& curves, const std::vector<Chroma>& harmony,
                             const std::vector<TempoStretch>& stretches, Sounding sounding) {
  BeatGrid grid;
  grid.changes = true;
  for (const TempoStretch& stretch : stretches) {
    const auto& [range, tempo] = stretch;
    const auto frames = track_beats(curves.all, range, 60 * k_onset_rate / tempo.bpm);
    if (frames.size() < 3) continue;
    const double first = std::max(sounding.first, static_cast<double>(range.first) / k_onset_rate);
    const double last = std::min(sounding.last, static_cast<double>(range.last) / k_onset_rate);
    BeatGrid part = make_grid(frames, {first, last});
    if (part.beats.size() < 3) continue;
    shift_beats(part.beats, best_shift(phase_evidence(part.beats, curves, harmony)));
    if (&stretch == &longest(stretches)) grid.bpm = part.bpm;
    for (const double beat : part.beats) {
      const bool outside = beat < first - k_edge || beat > last + k_edge;
      if (!outside && (grid.beats.empty() || beat - grid.beats.back() > 30 / part.bpm))
        grid.beats.push_back(beat);
    }
  }
  if (grid.bpm == 0 || grid.beats.size() < 3) return {};
  grid.stability = stability_of(interval_spread(grid.beats), 60 / grid.bpm);
  return grid;
}

}  // namespace kbeat::audio
