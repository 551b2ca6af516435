// What speaks for each key that a piece may have.
#include "kbeat/audio/key_evidence.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <vector>

namespace kbeat::audio {
namespace {

using Profile = std::array<double, 12>;

struct Profiles {
  Profile major, minor;
};

// Faraldo, Jordà & Herrera, A multi-profile method for key estimation in EDM, AES 2017: medians over a
// corpus, and the same with what does not belong to the key set to nothing.
constexpr Profiles k_braw = {
    {1.0000, 0.1573, 0.4200, 0.1570, 0.5296, 0.3669, 0.1632, 0.7711, 0.1676, 0.3827, 0.2113, 0.2965},
    {1.0000, 0.2330, 0.3615, 0.3905, 0.2925, 0.3777, 0.1961, 0.7425, 0.2701, 0.2161, 0.4228, 0.2272}};
constexpr Profiles k_bgate = {{1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30},
                              {1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23}};
// Krumhansl & Kessler, Tracing the dynamic changes in perceived tonal organization, Psychological Review
// 1982.
constexpr Profiles k_probe_tones = {{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88},
                                    {6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17}};
// Temperley, Music and Probability, MIT Press 2007: shares of segments of a harmony book's examples.
constexpr Profiles k_examples = {{.748, .060, .488, .082, .670, .460, .096, .715, .104, .366, .057, .400},
                                 {.712, .084, .474, .618, .049, .460, .105, .747, .404, .067, .133, .330}};

constexpr double k_triad_sharpness = 24;  // a correlation that is 0.1 higher makes a triad 11 times as likely

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
  const double mean_h = std::accumulate(heard.begin(), heard.end(), 0.0) / 12;
  const double mean_p = std::accumulate(profile.begin(), profile.end(), 0.0) / 12;
  double hp = 0, hh = 0, pp = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const double h = heard[(i + tonic) % 12] - mean_h, p = profile[i] - mean_p;
    hp += h * p;
    hh += h * h;
    pp += p * p;
  }
  return hh > 0 ? hp / std::sqrt(hh * pp) : 0;
}

double match(const Profile& heard, const Profiles& profiles, std::size_t key) {
  return correlation(heard, key < 12 ? profiles.major : profiles.minor, key % 12);
}

Profile unit_sum(Profile values) {
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  if (sum > 0)
    for (double& v : values) v /= sum;
  return values;
}

/// The logarithm of the sum of squared shares: 0 when all twelve are alike, 2.5 when there is one.
double unevenness(const Profile& shares) {
  double squares = 0;
  for (const double share : shares) squares += share * share;
  return std::log(12 * squares + 1e-9);
}

double quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

/// With mean 0 and length 1; nothing of what is even.
std::optional<Profile> centred(Profile values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / 12;
  double squares = 0;
  for (double& v : values) v -= mean, squares += v * v;
  if (squares <= 1e-18) return std::nullopt;
  for (double& v : values) v /= std::sqrt(squares);
  return values;
}

/// By root, major ones first.
using Triads = std::array<double, k_keys>;

/// The share of each triad in a stretch about as long as a chord, by its correlation with the three tones.
Triads triads_of(const Profile& classes) {
  constexpr double k_template_length = 1.5;  // of three ones among twelve, less their mean
  Triads shares{};
  double total = 0;
  for (std::size_t i = 0; i < k_keys; ++i) {
    const double tones = classes[i % 12] + classes[(i + (i < 12 ? 4 : 3)) % 12] + classes[(i + 7) % 12];
    total += shares[i] = std::exp(k_triad_sharpness * tones / k_template_length);
  }
  for (double& share : shares) share /= total;
  return shares;
}

struct Heard {
  Profile harmony{};
  Triads triads{};
  std::array<Triads, k_keys> followed{};  ///< by the first triad, of those it may be followed by
};

Heard listen(const ChromaTrack& track, double shift) {
  Heard heard;
  std::optional<Triads> before;
  double count = 0;
  for (const ChromaSegment& segment : track.segments) {
    const Profile harmony = fold(segment.harmony, shift);
    for (std::size_t i = 0; i < 12; ++i) heard.harmony[i] += harmony[i];
    const auto classes = centred(harmony);
    if (!classes) continue;
    const Triads now = triads_of(*classes);
    for (std::size_t i = 0; i < k_keys; ++i) heard.triads[i] += now[i];
    for (std::size_t from = 0; before && from < k_keys; ++from)
      for (std::size_t to = 0; to < k_keys; ++to) heard.followed[from][to] += (*before)[from] * now[to];
    before = now;
    ++count;
  }
  for (double& share : heard.triads) share /= std::max(1.0, count);
  for (Triads& from : heard.followed)
    for (double& share : from) share /= std::max(1.0, count - 1);
  heard.harmony = unit_sum(heard.harmony);
  return heard;
}

KeyFeatures features_of(const Heard& heard, std::size_t key) {
  KeyFeatures out{key < 12 ? 0.0 : 1.0, match(heard.harmony, k_bgate, key), match(heard.harmony, k_braw, key),
                  match(heard.harmony, k_probe_tones, key), match(heard.harmony, k_examples, key)};
  const std::size_t tonic = key % 12;
  const Profile classes = centred(heard.harmony).value_or(Profile{});
  auto next = out.begin() + k_key_shared;
  for (std::size_t i = 0; i < 12; ++i) *next++ = classes[(tonic + i) % 12];
  const auto turned = [tonic](std::size_t i) { return i / 12 * 12 + (tonic + i) % 12; };
  for (std::size_t i = 0; i < k_keys; ++i) *next++ = heard.triads[turned(i)];
  for (std::size_t i = 0; i < k_keys; ++i) *next++ = turned(i) == key ? 0 : heard.followed[turned(i)][key];
  return out;
}

}  // namespace

std::optional<KeyEvidence> gather_key_evidence(const ChromaTrack& track) {
  if (track.segments.empty() || std::abs(track.tuning) <= 0) return std::nullopt;
  KeyEvidence out;
  out.tuning = std::arg(track.tuning) / (2 * std::numbers::pi);
  const Heard heard = listen(track, out.tuning);
  std::array<double, k_keys> fit{};
  for (std::size_t key = 0; key < k_keys; ++key) {
    out.keys[key] = features_of(heard, key);
    fit[key] = 0.5 * (out.keys[key][1] + out.keys[key][2]);
  }
  std::sort(fit.begin(), fit.end(), std::greater<>());
  const auto tones = [](const std::vector<float>& shares, double share) {
    return std::log(0.01 + quantile(shares, share));
  };
  const Profile held = unit_sum(track.held_classes);
  double held_fit = 0;
  for (std::size_t key = 0; key < k_keys; ++key)
    held_fit = std::max(held_fit, 0.5 * (match(held, k_bgate, key) + match(held, k_braw, key)));
  out.presence = {tones(track.tonal, 0.75),
                  tones(track.tonal, 0.5),
                  tones(track.held, 0.75),
                  tones(track.held, 0.5),
                  fit[0],
                  fit[0] - fit[1],
                  unevenness(heard.harmony),
                  unevenness(held),
                  held_fit};
  return out;
}

}  // namespace kbeat::audio
