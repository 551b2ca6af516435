// Chooses the tempo, and the octave of it, that a track's onsets speak for.
#include "kbeat/audio/tempo.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

#include "kbeat/audio/learned_weights.hpp"
#include "kbeat/audio/loop_check.hpp"
#include "kbeat/audio/tempo_evidence.hpp"

namespace kbeat::audio {
namespace {

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

double log_odds(const TempoEvidence& e, Style style) {
  return weights::k_tempo_temper * score(weights::k_tempo_trees, tempo_features(e)) + style_odds(e, style);
}

std::vector<double> softmax(std::vector<double> odds) {
  const double highest = *std::max_element(odds.begin(), odds.end());
  double sum = 0;
  for (double& value : odds) sum += value = std::exp(value - highest);
  for (double& value : odds) value /= sum;
  return odds;
}

double folded(double bpm, const TempoOptions& options) {
  while (bpm < options.slowest && bpm * 2 <= options.fastest) bpm *= 2;
  while (bpm > options.fastest && bpm / 2 >= options.slowest) bpm /= 2;
  return bpm;
}

bool within(double bpm, const TempoOptions& options) {
  return bpm >= options.slowest && bpm <= options.fastest;
}

/// The evidence that may be the answer: what lies within the range asked for, or all when nothing does, for
/// an octave of it may.
std::vector<std::size_t> eligible(const std::vector<TempoEvidence>& evidence, const TempoOptions& options) {
  std::vector<std::size_t> all(evidence.size()), out;
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::copy_if(all.begin(), all.end(), std::back_inserter(out),
               [&](std::size_t i) { return within(evidence[i].bpm, options); });
  return out.empty() ? all : out;
}

bool octave_apart(double a, double b) {
  return same_tempo(a, 2 * b) || same_tempo(2 * a, b);
}

/// That there is a beat at all.
double beat_presence(const PresenceFeatures& features) {
  return 1 / (1 + std::exp(-score(weights::k_presence_trees, features)));
}

std::optional<TempoEstimate> choose_tempo(const OnsetCurves& curves, const Periodicity& periodicity,
                                          double loop_seconds, const TempoOptions& options) {
  const auto evidence = gather_evidence(curves, loop_seconds, periodicity);
  std::vector<double> odds;
  for (const TempoEvidence& e : evidence) odds.push_back(log_odds(e, options.style));
  if (odds.empty()) return std::nullopt;
  // What a range leaves out keeps its share: a range makes no tempo surer that is not an octave of it.
  const auto shares = softmax(odds);
  const auto chosen = eligible(evidence, options);
  const auto most = [&](auto measure) {
    return *std::max_element(chosen.begin(), chosen.end(),
                             [&](std::size_t a, std::size_t b) { return measure(a) < measure(b); });
  };
  const std::size_t best = most([&](std::size_t i) { return shares[i]; });
  TempoEstimate out;
  out.bpm = folded(evidence[best].bpm, options);
  if (!within(out.bpm, options)) return std::nullopt;
  out.raw = evidence[most([&](std::size_t i) { return evidence[i].comb; })].bpm;
  if (out.bpm == evidence[best].bpm) out.loop_beats = evidence[best].loop_beats;
  const auto other_octave = [&](std::size_t i) {
    return i != best && octave_apart(evidence[i].bpm, evidence[best].bpm);
  };
  double octave_share = 0, family = 0;
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (i == best || other_octave(i)) family += shares[i];
  for (const std::size_t i : chosen) {
    if (!other_octave(i) || shares[i] <= octave_share) continue;
    octave_share = shares[i];
    out.alternative = evidence[i].bpm;
  }
  out.octave_confidence = shares[best] / (shares[best] + octave_share);
  if (out.bpm != evidence[best].bpm) {  // the octave is the range's, not one that anything speaks for
    out.octave_confidence = 0;
    out.alternative.reset();
  }
  out.presence = beat_presence(presence_features(evidence, curves, periodicity));
  out.confidence = family * out.presence;
  return out;
}

}  // namespace

double loop_length(double duration, double silence_head, double silence_tail) {
  constexpr double k_longest = 40, k_head = 0.05;  // s
  constexpr double k_tail = 0.25;                  // of the length: the last hit of a loop may die away early
  return duration < k_longest && silence_head < k_head && silence_tail < k_tail * duration ? duration : 0;
}

std::optional<TempoEstimate> estimate_tempo(const OnsetCurves& curves, double loop_seconds,
                                            const TempoOptions& options) {
  const Periodicity periodicity(curves);
  const auto found = choose_tempo(curves, periodicity, loop_seconds, options);
  const bool no_loop = found && found->loop_beats > 0 && !sounds_like_loop(curves, found->loop_beats);
  return no_loop ? choose_tempo(curves, periodicity, 0, options) : found;
}

}  // namespace kbeat::audio
