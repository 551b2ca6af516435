// Chooses the tempo, and the octave of it, that a track's onsets speak for.
#include "kbeat/audio/tempo.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "kbeat/audio/tempo_weights.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_same_tempo = 0.03;     // relative distance of candidates taken for one
constexpr double k_excerpt_seconds = 45;  // tracked for each candidate
constexpr int k_longest_loop = 64;        // beats
constexpr std::size_t k_max_peaks = 5;

bool same_tempo(double a, double b) {
  return std::abs(a - b) < k_same_tempo * b;
}

/// How many beats the file is long when that is 4, 8, 16 … to within 1.5 %, else 0.
int beats_of_loop(double bpm, double loop_seconds) {
  const double beats = bpm * loop_seconds / 60;
  for (int whole = 4; loop_seconds > 0 && whole <= k_longest_loop; whole *= 2)
    if (std::abs(beats - whole) < 0.015 * whole) return whole;
  return 0;
}

/// The strongest peaks of the comb and what is simply related to them.
std::vector<double> candidates(const Periodicity& periodicity, double loop_seconds) {
  constexpr std::array k_relatives = {1.0, 0.5, 2.0, 2.0 / 3, 1.5, 1.0 / 3, 3.0, 0.75, 4.0 / 3};
  std::vector<double> out;
  const auto add = [&](double bpm) {
    const bool known = std::any_of(out.begin(), out.end(), [&](double o) { return same_tempo(bpm, o); });
    if (!known && bpm >= Periodicity::k_slowest && bpm <= Periodicity::k_fastest) out.push_back(bpm);
  };
  const auto peaks = periodicity.peaks(k_max_peaks);
  for (const double peak : peaks) add(peak);
  for (std::size_t i = 0; i < std::min<std::size_t>(2, peaks.size()); ++i)
    for (const double ratio : k_relatives) add(peaks[i] * ratio);
  for (double beats = 4; loop_seconds > 0 && beats <= k_longest_loop; beats *= 2)
    add(60 * beats / loop_seconds);
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

double mean(const std::vector<double>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// Half the difference between even and odd members.
double alternation(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += i % 2 == 0 ? values[i] : -values[i];
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

TempoEvidence evidence_of(const OnsetCurves& curves, FrameRange range, double bpm) {
  TempoEvidence out;
  out.bpm = bpm;
  out.log2_bpm = std::log2(bpm / 120);
  const auto beats = track_beats(curves.all, range, 60 * k_onset_rate / bpm);
  if (beats.size() < 3) return out;
  const auto& low = curves.bands[k_below_200];
  const auto& high = curves.bands[k_to_3200];
  const auto low_on = strengths(low, beats, 0), low_off = strengths(low, beats, 0.5);
  const auto high_on = strengths(high, beats, 0), high_off = strengths(high, beats, 0.5);
  out.on = mean(strengths(curves.all, beats, 0));
  out.off = mean(strengths(curves.all, beats, 0.5));
  out.quarter = 0.5 * (mean(strengths(curves.all, beats, 0.25)) + mean(strengths(curves.all, beats, 0.75)));
  out.low_on = mean(low_on);
  out.low_off = mean(low_off);
  out.backbeat = -alternation(low_on) * alternation(high_on);
  out.half_backbeat = -0.25 * (mean(low_on) - mean(low_off)) * (mean(high_on) - mean(high_off));
  return out;
}

/// The middle of the track, where there is most to hear.
FrameRange excerpt(std::size_t frames) {
  const auto length = std::min(frames, static_cast<std::size_t>(k_excerpt_seconds * k_onset_rate));
  const std::size_t first = (frames - length) / 2;
  return {first, first + length};
}

/// Octaves over 120 bpm at which each style has most of its music.
double preferred(Style style) {
  switch (style) {
    case Style::hiphop: return std::log2(90.0 / 120);
    case Style::electronic: return std::log2(130.0 / 120);
    case Style::rock: return 0;
    case Style::any: break;
  }
  return 0;
}

/// A style that is named moves the broad preference for middling tempi and makes it narrower.
double style_odds(const TempoEvidence& e, Style style) {
  if (style == Style::any) return 0;
  const double away = (e.log2_bpm - preferred(style)) / 0.35;
  return -0.5 * away * away;
}

/// A conditional logit, learned on the synthesised corpus.
double log_odds(const TempoEvidence& e, Style style) {
  using namespace weights;
  const double octaves = e.log2_bpm;
  return k_comb * e.comb + k_on * e.on + k_off * e.off + k_quarter * e.quarter + k_low_on * e.low_on +
         k_low_off * e.low_off + k_backbeat * e.backbeat + k_half_backbeat * e.half_backbeat +
         k_density * e.density + k_log2_bpm * octaves + k_log2_bpm_squared * octaves * octaves +
         k_slow * std::max(0.0, -0.8 - octaves) + k_loop * e.loop + style_odds(e, style);
}

std::vector<double> softmax(std::vector<double> odds) {
  const double highest = *std::max_element(odds.begin(), odds.end());
  double sum = 0;
  for (double& value : odds) sum += value = std::exp(value - highest);
  for (double& value : odds) value /= sum;
  return odds;
}

double folded(double bpm, const TempoOptions& options) {
  while (bpm < options.slowest && bpm * 2 <= options.fastest * 1.0001) bpm *= 2;
  while (bpm > options.fastest && bpm / 2 >= options.slowest * 0.9999) bpm /= 2;
  return bpm;
}

/// Those within the range asked for, or all when none is.
std::vector<TempoEvidence> within_range(std::vector<TempoEvidence> all, const TempoOptions& options) {
  const auto outside = [&](const TempoEvidence& e) {
    return e.bpm < options.slowest || e.bpm > options.fastest;
  };
  if (std::all_of(all.begin(), all.end(), outside)) return all;
  std::erase_if(all, outside);
  return all;
}

bool octave_apart(double a, double b) {
  return same_tempo(a, 2 * b) || same_tempo(2 * a, b);
}

/// That there is a beat at all. In 25 s of the synthesised corpus noise repeats itself with a strength of up
/// to 0.006, swelling chords and syllables up to 0.015, music with a beat from 0.05 on; recorded piano lies
/// between. Chance falls with the square root of what is heard.
double beat_presence(double strength, const OnsetCurves& curves) {
  constexpr double k_always = 0.005, k_by_chance = 0.02, k_slope = 300, k_still = 0.025, k_moving = 0.035;
  const double windows = std::max(1.0, static_cast<double>(curves.frames())) / (8 * k_onset_rate);
  const double middle = k_always + k_by_chance / std::sqrt(windows);
  const double periodic = 1 / (1 + std::exp(-k_slope * (strength - middle)));
  return periodic * std::clamp((curves.rise - k_still) / (k_moving - k_still), 0.0, 1.0);
}

}  // namespace

std::vector<TempoEvidence> gather_evidence(const OnsetCurves& curves, double loop_seconds,
                                           const Periodicity& periodicity) {
  std::vector<TempoEvidence> out;
  const FrameRange range = excerpt(curves.frames());
  const double onsets = onsets_a_second(curves.all);
  double strongest = 1e-9;
  for (const double bpm : candidates(periodicity, loop_seconds)) {
    out.push_back(evidence_of(curves, range, bpm));
    out.back().density = std::log2(std::max(0.1, onsets * 60 / bpm));
    out.back().loop = beats_of_loop(bpm, loop_seconds) > 0 ? 1 : 0;
    strongest = std::max(strongest, periodicity.comb(bpm));
  }
  for (TempoEvidence& e : out) e.comb = periodicity.comb(e.bpm) / strongest;
  return out;
}

std::optional<TempoEstimate> estimate_tempo(const OnsetCurves& curves, double loop_seconds,
                                            const TempoOptions& options) {
  const Periodicity periodicity(curves);
  const auto evidence = within_range(gather_evidence(curves, loop_seconds, periodicity), options);
  std::vector<double> odds;
  for (const TempoEvidence& e : evidence) odds.push_back(log_odds(e, options.style));
  if (odds.empty()) return std::nullopt;
  const auto shares = softmax(odds);
  const auto best = static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
  TempoEstimate out;
  out.bpm = folded(evidence[best].bpm, options);
  out.raw = evidence.front().bpm;
  out.loop_beats = beats_of_loop(out.bpm, loop_seconds);
  double octave_share = 0, family = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (i == best || octave_apart(evidence[i].bpm, evidence[best].bpm)) family += shares[i];
    if (i == best || !octave_apart(evidence[i].bpm, evidence[best].bpm) || shares[i] <= octave_share)
      continue;
    octave_share = shares[i];
    out.alternative = evidence[i].bpm;
  }
  out.octave_confidence = shares[best] / (shares[best] + octave_share);
  double strongest = 0;
  for (const TempoEvidence& e : evidence) strongest = std::max(strongest, periodicity.comb(e.bpm));
  out.confidence = family * beat_presence(strongest, curves);
  return out;
}

}  // namespace kbeat::audio
