// Where within the beat the beats of a tracker lie.
#include "kbeat/audio/beat_phase.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "kbeat/audio/learned_weights.hpp"

namespace kbeat::audio {
namespace {

double peak_near(const std::vector<float>& curve, double seconds) {
  const auto centre = static_cast<std::ptrdiff_t>(std::lround(seconds * k_onset_rate));
  double highest = 0;
  for (auto i = std::max<std::ptrdiff_t>(0, centre - 3); i < std::min(std::ssize(curve), centre + 4); ++i)
    highest = std::max(highest, static_cast<double>(curve[static_cast<std::size_t>(i)]));
  return highest;
}

/// How much the pitch classes after a moment differ from those before it, 0 to 1.
double change_at(const std::vector<Chroma>& harmony, double seconds) {
  const auto frame = static_cast<std::ptrdiff_t>(std::lround(seconds * k_chroma_rate));
  if (frame < 2 || frame + 2 >= std::ssize(harmony)) return 0;
  double both = 0, before = 0, after = 0;
  for (std::size_t k = 0; k < 12; ++k) {
    const auto at = [&](std::ptrdiff_t i) {
      return static_cast<double>(harmony[static_cast<std::size_t>(frame + i)][k]);
    };
    const double a = at(-2) + at(-1), b = at(1) + at(2);
    both += a * b, before += a * a, after += b * b;
  }
  return before > 0 && after > 0 ? 1 - both / std::sqrt(before * after) : 0;
}

/// What `heard` says at each beat, moved on by a share of the interval to the next.
template <typename Heard>
std::vector<double> along(const std::vector<double>& beats, double share, Heard heard) {
  std::vector<double> out;
  out.reserve(beats.size());
  for (std::size_t i = 0; i + 1 < beats.size(); ++i)
    out.push_back(heard(beats[i] + share * (beats[i + 1] - beats[i])));
  return out;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

/// Half the difference between even and odd members, either way round.
double alternation(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += i % 2 == 0 ? values[i] : -values[i];
  return std::abs(sum) / static_cast<double>(std::max<std::size_t>(1, values.size()));
}

PhaseEvidence evidence_at(double share, const std::vector<double>& beats, const OnsetCurves& curves,
                          const std::vector<Chroma>& harmony) {
  PhaseEvidence evidence;
  auto value = evidence.values.begin();
  const auto heard = [&](const std::vector<float>& curve, double more) {
    return along(beats, share + more, [&](double time) { return peak_near(curve, time); });
  };
  for (const auto& band : curves.bands) *value++ = mean(heard(band, 0));
  *value++ = 10 * mean(along(beats, share, [&](double time) { return change_at(harmony, time); }));
  *value++ = alternation(heard(curves.bands[k_below_200], 0));
  *value++ = alternation(heard(curves.bands[k_to_3200], 0));
  *value++ = mean(heard(curves.all, 2.0 / 3)) - mean(heard(curves.all, 1.0 / 3));
  *value++ = mean(heard(curves.all, 3.0 / 4)) - mean(heard(curves.all, 1.0 / 4));
  const auto is = [&](double a, double b) { return share == a || share == b ? 1.0 : 0.0; };
  *value++ = is(k_phase_shifts[2], k_phase_shifts[3]);
  *value++ = is(k_phase_shifts[4], k_phase_shifts[5]);
  return evidence;
}

double odds(const PhaseEvidence& evidence) {
  return std::inner_product(evidence.values.begin(), evidence.values.end(), weights::k_phase.begin(), 0.0);
}

}  // namespace

std::vector<PhaseEvidence> phase_evidence(const std::vector<double>& beats, const OnsetCurves& curves,
                                          const std::vector<Chroma>& harmony) {
  std::vector<PhaseEvidence> out;
  for (const double share : k_phase_shifts) out.push_back(evidence_at(share, beats, curves, harmony));
  return out;
}

double best_shift(const std::vector<PhaseEvidence>& evidence) {
  const auto best = std::max_element(evidence.begin(), evidence.end(),
                                     [](const auto& a, const auto& b) { return odds(a) < odds(b); });
  return k_phase_shifts[static_cast<std::size_t>(best - evidence.begin())];
}

void shift_beats(std::vector<double>& beats, double share) {
  if (beats.size() < 2 || share <= 0) return;
  std::vector<double> moved;
  moved.reserve(beats.size() + 1);
  const double first = beats[0] - (1 - share) * (beats[1] - beats[0]);
  if (first >= 0) moved.push_back(first);
  for (std::size_t i = 0; i + 1 < beats.size(); ++i)
    moved.push_back(beats[i] + share * (beats[i + 1] - beats[i]));
  beats = std::move(moved);
}

}  // namespace kbeat::audio
