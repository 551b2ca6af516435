// What speaks for each tempo that a track may have.
#include "kbeat/audio/tempo_evidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "kbeat/audio/steady_grid.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_same_tempo = 0.03;     // relative distance of candidates taken for one
constexpr double k_excerpt_seconds = 45;  // tracked for each candidate
constexpr std::size_t k_max_peaks = 5;
constexpr double k_slowest_loop = 50, k_fastest_loop = 220;  // bpm

struct Candidate {
  double bpm = 0;
  int loop_beats = 0;
};

/// Tempi that make the file 2, 3, 4, 6, 8, 12 … beats long come first: they are exact.
std::vector<Candidate> candidates(const Periodicity& periodicity, double loop_seconds) {
  constexpr std::array k_relatives = {1.0, 0.5, 2.0, 2.0 / 3, 1.5, 1.0 / 3, 3.0, 0.75, 4.0 / 3};
  constexpr int k_longest_loop = 64;  // beats
  std::vector<Candidate> out;
  const auto add = [&](double bpm, int loop_beats) {
    const bool known = std::any_of(out.begin(), out.end(), [&](auto& o) { return same_tempo(bpm, o.bpm); });
    if (!known && bpm >= Periodicity::k_slowest && bpm <= Periodicity::k_fastest)
      out.push_back({bpm, loop_beats});
  };
  for (int power = 2; loop_seconds > 0 && power <= k_longest_loop; power *= 2)
    for (const int beats : {power, power * 3 / 2}) {
      const double bpm = 60 * beats / loop_seconds;
      if (bpm >= k_slowest_loop && bpm <= k_fastest_loop) add(bpm, beats);
    }
  const auto peaks = periodicity.peaks(k_max_peaks);
  for (const double peak : peaks) add(peak, 0);
  for (std::size_t i = 0; i < std::min<std::size_t>(2, peaks.size()); ++i)
    for (const double ratio : k_relatives) add(peaks[i] * ratio, 0);
  return out;
}

/// The largest value within two frames of a place between frames.
double near(const std::vector<float>& curve, double frame) {
  const auto centre = static_cast<std::ptrdiff_t>(std::lround(frame));
  const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, centre - 2);
  const std::ptrdiff_t last = std::min(std::ssize(curve), centre + 3);
  if (first >= last) return 0;
  return static_cast<double>(*std::max_element(curve.begin() + first, curve.begin() + last));
}

/// Peaks of the curve over its RMS.
double onsets_a_second(const std::vector<float>& curve) {
  std::size_t count = 0;
  for (std::size_t i = 1; i + 1 < curve.size(); ++i)
    if (curve[i] > 1 && curve[i] > curve[i - 1] && curve[i] >= curve[i + 1]) ++count;
  return static_cast<double>(count) * k_onset_rate /
         static_cast<double>(std::max<std::size_t>(1, curve.size()));
}

/// Strengths at each beat, moved on by a share of the interval to the next.
std::vector<double> strengths(const std::vector<float>& curve, const std::vector<double>& beats,
                              double share) {
  std::vector<double> out;
  for (std::size_t i = 0; i + 1 < beats.size(); ++i)
    out.push_back(near(curve, beats[i] + share * (beats[i + 1] - beats[i])));
  return out;
}

/// Half the difference between even and odd members.
double alternation(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += i % 2 == 0 ? values[i] : -values[i];
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

/// A loop's beats lie evenly from its first frame on, which itself has nothing to rise from.
std::vector<double> beats_of_loop(std::size_t frames, double bpm) {
  std::vector<double> out;
  const double step = 60 * k_onset_rate / bpm;
  for (double at = step; at < static_cast<double>(frames) + 1; at += step) out.push_back(at);
  return out;
}

/// How evenly the beats lie, and how near to a whole number the tempo is, as far as it is known to that
/// precision after so many frames.
void hear_steadiness(TempoEvidence& out, const std::vector<double>& beats) {
  constexpr double k_spread = 0.03;  // bpm
  double bpm = out.bpm, error = 0.01;
  if (out.loop_beats == 0) {
    const SteadyGrid grid = fit_steady_grid(beats, 60 * k_onset_rate / out.bpm);
    out.coherence = grid.coherence;
    if (beats.size() < 16 || !grid.steady()) return;
    bpm = 60 * k_onset_rate / grid.period;
    error = 0.5 * bpm / (beats.back() - beats.front());  // half a frame from end to end
  }
  if (error > 2 * k_spread) return;
  const double away = (bpm - std::round(bpm)) / std::max(error, k_spread);
  out.whole = std::exp(-0.5 * away * away);
}

void hear_beats(TempoEvidence& out, const OnsetCurves& curves, const std::vector<double>& beats) {
  const auto& low = curves.bands[k_below_200];
  const auto& mid = curves.bands[k_to_3200];
  const auto low_on = strengths(low, beats, 0), low_off = strengths(low, beats, 0.5);
  const auto mid_on = strengths(mid, beats, 0), mid_off = strengths(mid, beats, 0.5);
  const auto at = [&](double share) { return mean(strengths(curves.all, beats, share)); };
  out.on = at(0);
  out.off = at(0.5);
  out.quarter = 0.5 * (at(0.25) + at(0.75));
  out.third = 0.5 * (at(1.0 / 3) + at(2.0 / 3));
  out.low_on = mean(low_on);
  out.low_off = mean(low_off);
  out.mid_on = mean(mid_on);
  out.mid_off = mean(mid_off);
  out.high_on = mean(strengths(curves.bands[k_above_3200], beats, 0));
  out.high_off = mean(strengths(curves.bands[k_above_3200], beats, 0.5));
  out.backbeat = -alternation(low_on) * alternation(mid_on);
  out.half_backbeat = -0.25 * (mean(low_on) - mean(low_off)) * (mean(mid_on) - mean(mid_off));
}

TempoEvidence evidence_of(const OnsetCurves& curves, FrameRange range, const Candidate& candidate) {
  TempoEvidence out;
  out.bpm = candidate.bpm;
  out.loop_beats = candidate.loop_beats;
  out.log2_bpm = std::log2(candidate.bpm / 120);
  const auto beats = candidate.loop_beats > 0
                         ? beats_of_loop(curves.frames(), candidate.bpm)
                         : track_beats(curves.all, range, 60 * k_onset_rate / candidate.bpm);
  if (beats.size() < 2) return out;
  hear_beats(out, curves, beats);
  hear_steadiness(out, beats);
  return out;
}

/// The middle of the track, where there is most to hear.
FrameRange excerpt(std::size_t frames) {
  const auto length = std::min(frames, static_cast<std::size_t>(k_excerpt_seconds * k_onset_rate));
  const std::size_t first = (frames - length) / 2;
  return {first, first + length};
}

}  // namespace

bool same_tempo(double a, double b) {
  return std::abs(a - b) < k_same_tempo * b;
}

TempoFeatures tempo_features(const TempoEvidence& e) {
  constexpr double k_audible = 0.1;
  const bool loop = e.loop_beats > 0, of_three = loop && e.loop_beats % 3 == 0;
  return {e.comb,
          e.comb_half,
          e.comb_double,
          e.comb_triple,
          e.comb_near[0],
          e.comb_near[1],
          e.comb_near[2],
          e.comb_near[3],
          e.beat_lag,
          e.bar_lag,
          e.on,
          e.off,
          e.quarter,
          e.third,
          e.off / std::max(k_audible, e.on),
          e.quarter / std::max(k_audible, e.on),
          e.low_on,
          e.low_off,
          e.mid_on,
          e.mid_off,
          e.high_on,
          e.high_off,
          e.backbeat,
          e.half_backbeat,
          e.density,
          e.log2_bpm,
          e.density + e.log2_bpm,
          e.coherence,
          e.whole,
          loop && !of_three ? 1.0 : 0.0,
          of_three ? 1.0 : 0.0,
          std::log2(std::max(0.1, e.seconds))};
}

PresenceFeatures presence_features(const std::vector<TempoEvidence>& evidence, const OnsetCurves& curves,
                                   const Periodicity& periodicity) {
  constexpr double k_least_rise = 0.002, k_plenty_of_rise = 0.3;
  double strongest = 1e-4, on = 0, lead = -1, coherence = 0, whole = 0;
  for (const TempoEvidence& e : evidence) {
    strongest = std::max(strongest, periodicity.comb(e.bpm));
    on = std::max(on, e.on);
    lead = std::max(lead, e.on - std::max(e.off, e.quarter));
    coherence = std::max(coherence, e.coherence);
    if (e.loop_beats > 0) whole = std::max(whole, e.whole);
  }
  const double seconds = static_cast<double>(curves.frames()) / k_onset_rate;
  const double onsets = onsets_a_second(curves.all) * seconds;
  return {std::log(strongest),
          std::log(std::clamp(curves.rise, k_least_rise, k_plenty_of_rise)),
          std::log2(std::max(0.1, seconds)),
          std::log2(1 + onsets),
          on,
          lead,
          coherence,
          whole};
}

std::vector<TempoEvidence> gather_evidence(const OnsetCurves& curves, double loop_seconds,
                                           const Periodicity& periodicity) {
  std::vector<TempoEvidence> out;
  const FrameRange range = excerpt(curves.frames());
  const double onsets = onsets_a_second(curves.all);
  double strongest = 1e-9;
  for (const Candidate& candidate : candidates(periodicity, loop_seconds)) {
    out.push_back(evidence_of(curves, range, candidate));
    out.back().seconds = static_cast<double>(curves.frames()) / k_onset_rate;
    out.back().density = std::log2(std::max(0.1, onsets * 60 / candidate.bpm));
    strongest = std::max(strongest, periodicity.comb(candidate.bpm));
  }
  for (TempoEvidence& e : out) {
    const auto comb = [&](double factor) { return periodicity.comb(e.bpm * factor) / strongest; };
    const double beat = 60 * k_onset_rate / e.bpm;
    e.comb = comb(1);
    e.comb_half = comb(0.5);
    e.comb_double = comb(2);
    e.comb_triple = comb(3);
    e.comb_near = {comb(2.0 / 3), comb(3.0 / 4), comb(4.0 / 3), comb(3.0 / 2)};
    e.beat_lag = periodicity.at_lag(beat) / strongest;
    if (4 * beat < periodicity.longest_lag())
      e.bar_lag = (periodicity.at_lag(4 * beat) - periodicity.at_lag(3 * beat)) / strongest;
  }
  return out;
}

}  // namespace kbeat::audio
