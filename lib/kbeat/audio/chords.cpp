// Which chord sounds in each bar, as far as triads tell: exploratory.
#include "kbeat/audio/chords.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kbeat/audio/key.hpp"

namespace kbeat::audio {
namespace {

constexpr float k_third_weight = 0.8F;  // thirds are played softer, and their overtones clash
constexpr double k_least_match = 0.7;   // cosine under which the bar holds no triad
constexpr double k_least_lead = 0.015;  // over the next best
constexpr double k_most_cents = 35;     // off tune, past which notes fall between pitch classes

struct Match {
  Key key;
  double cosine = 0;
};

double cosine_of(const Chroma& chroma, Key chord) {
  const auto note = [&](int semitones) {
    return static_cast<double>(chroma[static_cast<std::size_t>((chord.tonic + semitones) % 12)]);
  };
  const auto third = static_cast<double>(k_third_weight);
  const double length = std::sqrt(std::inner_product(chroma.begin(), chroma.end(), chroma.begin(), 0.0));
  if (length <= 0) return 0;
  return (note(0) + third * note(chord.minor ? 3 : 4) + note(7)) / (length * std::sqrt(2 + third * third));
}

std::string name_of(const Chroma& chroma) {
  Match best, next;
  for (int i = 0; i < 24; ++i) {
    const Key chord{.tonic = i % 12, .minor = i >= 12};
    const Match match{chord, cosine_of(chroma, chord)};
    if (match.cosine > best.cosine) {
      next = best;
      best = match;
    } else if (match.cosine > next.cosine) {
      next = match;
    }
  }
  if (best.cosine < k_least_match || best.cosine - next.cosine < k_least_lead) return "";
  const std::string key = key_name(best.key);
  return key.substr(0, key.find(' ')) + (best.key.minor ? "m" : "");
}

Chroma sum_between(const ChromaTrack& harmony, double from, double to) {
  const auto frame_at = [&](double seconds) {
    const auto frame = static_cast<std::size_t>(std::lround(std::max(0.0, seconds) * k_chroma_rate));
    return std::min(harmony.frames.size(), frame);
  };
  Chroma sum{};
  for (std::size_t i = frame_at(from); i < frame_at(to); ++i)
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += harmony.frames[i][k];
  return sum;
}

}  // namespace

std::vector<std::string> chords_of_bars(const ChromaTrack& harmony, std::span<const double> downbeats,
                                        double cents) {
  std::vector<std::string> names(downbeats.size());
  if (downbeats.size() < 2 || std::abs(cents) > k_most_cents) return names;
  for (std::size_t i = 0; i < downbeats.size(); ++i) {
    const bool last = i + 1 == downbeats.size();
    const double end = last ? 2 * downbeats[i] - downbeats[i - 1] : downbeats[i + 1];
    names[i] = name_of(sum_between(harmony, downbeats[i], end));
  }
  return names;
}

}  // namespace kbeat::audio
