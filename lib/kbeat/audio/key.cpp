// The key of a piece from its pitch classes.
#include "kbeat/audio/key.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kbeat::audio {
namespace {

using Profile = std::array<double, 12>;
using Scores = std::array<double, 24>;  // major keys from C, then minor ones

// Faraldo, Jordà & Herrera, A multi-profile method for key estimation in EDM, AES 2017: medians over a
// corpus (braw), and the same with what does not belong to the key set to nothing (bgate).
constexpr Profile k_braw_major = {1.0000, 0.1573, 0.4200, 0.1570, 0.5296, 0.3669,
                                  0.1632, 0.7711, 0.1676, 0.3827, 0.2113, 0.2965};
constexpr Profile k_braw_minor = {1.0000, 0.2330, 0.3615, 0.3905, 0.2925, 0.3777,
                                  0.1961, 0.7425, 0.2701, 0.2161, 0.4228, 0.2272};
constexpr Profile k_bgate_major = {1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30};
constexpr Profile k_bgate_minor = {1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23};

constexpr double k_bass_weight = 0.10;   // of the bass note being the tonic
constexpr double k_third_weight = 0.05;  // of the third that tells major from minor
// Share of magnitude in tones: up to 0.08 for the synthesised and recorded drums, from 0.11 on with guitars.
constexpr double k_tonal_least = 0.085, k_tonal_plenty = 0.135;
constexpr double k_fit_least = 0.35;  // correlation under which no key leads

/// Folds tenths of semitones into semitones around the tuning, a raised cosine to each side.
Profile fold(const Fine& fine, double semitone_shift) {
  Profile out{};
  for (std::size_t i = 0; i < k_fine_bins; ++i) {
    const double place = static_cast<double>(i) / 10 - semitone_shift;
    const double nearest = std::round(place), away = place - nearest;
    const double weight = std::cos(std::numbers::pi * away);
    const auto pc = static_cast<std::size_t>((static_cast<int>(nearest) + 24) % 12);
    out[pc] += weight * weight * static_cast<double>(fine[i]);
  }
  return out;
}

double correlation(const Profile& heard, const Profile& profile, std::size_t tonic) {
  double mean_h = 0, mean_p = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    mean_h += heard[i] / 12;
    mean_p += profile[i] / 12;
  }
  double hp = 0, hh = 0, pp = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double h = heard[(i + tonic) % 12] - mean_h, p = profile[i] - mean_p;
    hp += h * p;
    hh += h * h;
    pp += p * p;
  }
  return hh > 0 ? hp / std::sqrt(hh * pp) : 0;
}

Profile unit_sum(Profile values) {
  double sum = 0;
  for (const double v : values) sum += v;
  if (sum > 0)
    for (double& v : values) v /= sum;
  return values;
}

Scores score(const Profile& harmony, const Profile& bass) {
  Scores out{};
  for (std::size_t tonic = 0; tonic < 12; ++tonic) {
    const double third = harmony[(tonic + 4) % 12] - harmony[(tonic + 3) % 12];
    const double total = harmony[(tonic + 4) % 12] + harmony[(tonic + 3) % 12] + 1e-12;
    const double bonus = k_bass_weight * bass[tonic];
    out[tonic] =
        0.5 * (correlation(harmony, k_bgate_major, tonic) + correlation(harmony, k_braw_major, tonic)) +
        bonus + k_third_weight * third / total;
    out[tonic + 12] =
        0.5 * (correlation(harmony, k_bgate_minor, tonic) + correlation(harmony, k_braw_minor, tonic)) +
        bonus - k_third_weight * third / total;
  }
  return out;
}

/// The share of tones in the frames where they come out best: between the hits of drums music still sounds.
double tonal_share(std::vector<float> frames) {
  const auto at = frames.begin() + static_cast<std::ptrdiff_t>(frames.size() * 3 / 4);
  std::nth_element(frames.begin(), at, frames.end());
  return static_cast<double>(*at);
}

Key key_at(std::size_t index) {
  return {static_cast<int>(index % 12), index >= 12};
}

struct Sum {
  Profile harmony{}, bass{};
  double tonal = 0;
};

/// All segments, each of the same weight however loud, and the shares of tones in them.
Sum sum_segments(const ChromaTrack& track, double shift, Scores& votes) {
  Sum sum;
  double frames = 0;
  for (const ChromaSegment& segment : track.segments) {
    const Profile harmony = unit_sum(fold(segment.harmony, shift)),
                  bass = unit_sum(fold(segment.bass, shift));
    const auto weight = static_cast<double>(segment.frames);
    const Scores scores = score(harmony, bass);
    for (std::size_t i = 0; i < 24; ++i) votes[i] += weight * scores[i];
    for (std::size_t i = 0; i < 12; ++i) {
      sum.harmony[i] += weight * harmony[i];
      sum.bass[i] += weight * bass[i];
    }
    frames += weight;
  }
  for (double& vote : votes) vote /= frames;
  sum.tonal = tonal_share(track.tonal);
  sum.bass = unit_sum(sum.bass);
  return sum;
}

}  // namespace

KeyEstimate estimate_key(const ChromaTrack& track) {
  KeyEstimate out;
  if (track.segments.empty() || std::abs(track.tuning) <= 0) return out;
  const double shift = std::arg(track.tuning) / (2 * std::numbers::pi);
  Scores votes{};
  const Sum sum = sum_segments(track, shift, votes);
  Scores scores = score(sum.harmony, sum.bass);
  for (std::size_t i = 0; i < 24; ++i) scores[i] = 0.5 * (scores[i] + votes[i]);
  const auto best = static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  const double highest = scores[best];
  scores[best] = -1;
  const auto second =
      static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
  const double lead = std::clamp((highest - scores[second]) / 0.15, 0.0, 1.0);
  const double fit = std::clamp((highest - k_fit_least) / 0.4, 0.0, 1.0);
  const double tones = std::clamp((sum.tonal - k_tonal_least) / (k_tonal_plenty - k_tonal_least), 0.0, 1.0);
  out.confidence = tones * fit * (0.5 + 0.5 * lead);
  if (tones <= 0 || fit <= 0) return out;
  out.key = key_at(best);
  out.alternative = key_at(second);
  out.tuning = 440 * std::exp2(shift / 12);
  return out;
}

std::string key_name(Key key) {
  constexpr std::array k_names = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
  return std::string(k_names[static_cast<std::size_t>(key.tonic)]) + (key.minor ? " minor" : " major");
}

std::string camelot(Key key) {
  // C major is 8B and its relative A minor 8A; a fifth up is one more.
  const int major_tonic = key.minor ? (key.tonic + 3) % 12 : key.tonic;
  return std::to_string((major_tonic * 7 + 7) % 12 + 1) + (key.minor ? "A" : "B");
}

std::string open_key(Key key) {
  const int major_tonic = key.minor ? (key.tonic + 3) % 12 : key.tonic;
  return std::to_string(major_tonic * 7 % 12 + 1) + (key.minor ? "m" : "d");
}

}  // namespace kbeat::audio
