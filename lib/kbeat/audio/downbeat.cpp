// Which beats begin bars.
#include "kbeat/audio/downbeat.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace kbeat::audio {
namespace {

constexpr double k_least = 2.0;            // standard errors by which the downbeat must stand out
constexpr double k_three_over_four = 1.3;  // bars of three must fit this much better than those of four
constexpr double k_chance = 0.25;          // variance of accents that differ by chance only
constexpr std::size_t k_least_bars = 4;

Chroma mean_between(const std::vector<Chroma>& chroma, double from, double to) {
  Chroma out{};
  const auto first = static_cast<std::size_t>(std::lround(std::max(0.0, from) * k_chroma_rate));
  const auto last = static_cast<std::size_t>(std::lround(std::max(0.0, to) * k_chroma_rate));
  for (std::size_t i = first; i <= last && i < chroma.size(); ++i)
    for (std::size_t pc = 0; pc < 12; ++pc) out[pc] += chroma[i][pc];
  return out;
}

/// 0 for the same harmony, 1 for nothing in common.
double distance(const Chroma& a, const Chroma& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return aa > 0 && bb > 0 ? 1 - ab / std::sqrt(aa * bb) : 0;
}

/// Spreads of less than `least` of the mean are chance, and not blown up.
void standardise(std::vector<double>& values, double least) {
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  const double mean = sum / static_cast<double>(values.size());
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double sd = std::sqrt(squares / static_cast<double>(values.size()));
  for (double& v : values) v = (v - mean) / std::max(sd, least * std::max(1e-9, std::abs(mean)));
}

std::vector<double> accents(const std::vector<double>& beats, const OnsetCurves& curves,
                            const std::vector<Chroma>& chroma) {
  std::vector<double> low, high, change;
  for (std::size_t i = 0; i < beats.size(); ++i) {
    const double span = i + 1 < beats.size() ? beats[i + 1] - beats[i] : beats[i] - beats[i - 1];
    low.push_back(peak_near(curves.bands[k_below_200], beats[i]));
    high.push_back(peak_near(curves.bands[k_to_3200], beats[i]));
    change.push_back(distance(mean_between(chroma, beats[i] - 1.8 * span, beats[i] - 0.2 * span),
                              mean_between(chroma, beats[i] + 0.1 * span, beats[i] + 1.7 * span)));
  }
  constexpr double k_least_spread = 0.1;  // of the mean
  for (auto* values : {&low, &high, &change}) standardise(*values, k_least_spread);
  std::vector<double> out;
  for (std::size_t i = 0; i < beats.size(); ++i) out.push_back(low[i] + 1.5 * change[i] - 0.5 * high[i]);
  return out;
}

/// How many standard errors the mean of every `length`-th accent from `phase` is over the others'.
double standing_out(std::span<const double> accents, std::size_t length, std::size_t phase) {
  double on = 0, all = 0, squares = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < accents.size(); ++i) {
    all += accents[i];
    squares += accents[i] * accents[i];
    if (i % length != phase) continue;
    on += accents[i];
    ++count;
  }
  const auto n = static_cast<double>(accents.size()), k = static_cast<double>(count);
  const double variance = squares / n - (all / n) * (all / n);
  if (count == 0) return 0;
  return (on / k - (all - on) / (n - k)) / std::sqrt((variance + k_chance) * (1 / k + 1 / (n - k)));
}

struct Fit {
  double strength = 0;
  std::size_t phase = 0;
};

Fit best_phase(std::span<const double> accents, std::size_t length) {
  Fit best;
  for (std::size_t phase = 0; phase < length; ++phase) {
    const double strength = standing_out(accents, length, phase);
    if (strength > best.strength) best = {strength, phase};
  }
  return best;
}

}  // namespace

Meter find_meter(const std::vector<double>& beats, const OnsetCurves& curves,
                 const std::vector<Chroma>& chroma) {
  if (beats.size() < 4 * k_least_bars) return {};
  const auto strengths = accents(beats, curves, chroma);
  const Fit four = best_phase(strengths, 4), three = best_phase(strengths, 3);
  if (three.strength > k_least && three.strength > k_three_over_four * four.strength) return {3, three.phase};
  // Where loud and soft take turns, a bar of four is told from its half by more than that.
  const double half_way = standing_out(strengths, 4, (four.phase + 2) % 4);
  if (four.strength > k_least && four.strength - half_way > k_least) return {4, four.phase};
  return {};
}

}  // namespace kbeat::audio
