// Tells the file of a loop from one that only happens to be some beats long.
#include "kbeat/audio/loop_check.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/steady_grid.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_least_tracked = 6;  // beats
constexpr double k_count_error = 0.1;       // beats, over the whole file
constexpr int k_places = 16;                // of a beat, where its onsets may be
constexpr double k_least_share = 0.3;       // of the strongest place

/// How strong the onsets are so far behind the beats of the loop. The first beat has nothing to rise from.
double strength_at(const OnsetCurves& curves, double period, double share, int beats) {
  double sum = 0;
  for (int i = 1; i < beats; ++i) sum += peak_near(curves.all, (i + share) * period / k_onset_rate);
  return sum / (beats - 1);
}

bool has_onsets_on_beats(const OnsetCurves& curves, double period, int beats) {
  const double on = strength_at(curves, period, 0, beats);
  double strongest = on;
  for (int place = 1; place < k_places; ++place)
    strongest =
        std::max(strongest, strength_at(curves, period, static_cast<double>(place) / k_places, beats));
  return on >= k_least_share * strongest;
}

}  // namespace

bool sounds_like_loop(const OnsetCurves& curves, int beats) {
  const auto frames = static_cast<double>(curves.frames());
  const double period = frames / beats;
  if (!has_onsets_on_beats(curves, period, beats)) return false;
  const std::vector<double> tracked = track_beats(curves.all, {0, curves.frames()}, period);
  if (tracked.size() < k_least_tracked) return true;
  return std::abs(frames / fit_steady_grid(tracked, period).period - beats) < k_count_error;
}

}  // namespace kbeat::audio
