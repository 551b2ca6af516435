// The key of a piece from its pitch classes.
#include "kbeat/audio/key.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "kbeat/audio/key_evidence.hpp"
#include "kbeat/audio/learned_weights.hpp"
#include "kbeat/audio/single_tone.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_key_least = 0.7;  // share of a key under which none is claimed

Key key_at(std::size_t index) {
  return {static_cast<int>(index % 12), index >= 12};
}

double weigh(const KeyFeatures& features, bool minor) {
  const auto& weights = weights::k_key;
  const auto by_mode = features.begin() + k_key_shared;
  const auto mode_weights = weights.begin() + k_key_shared + (minor ? k_key_by_mode : 0);
  return std::inner_product(features.begin(), by_mode, weights.begin(), 0.0) +
         std::inner_product(by_mode, features.end(), mode_weights, 0.0);
}

}  // namespace

KeyEstimate estimate_key(const ChromaTrack& track) {
  KeyEstimate out;
  const auto evidence = gather_key_evidence(track);
  if (!evidence) return out;
  std::array<double, k_keys> odds{};
  for (std::size_t key = 0; key < k_keys; ++key) odds[key] = weigh(evidence->keys[key], key >= 12);
  const auto best = static_cast<std::size_t>(std::max_element(odds.begin(), odds.end()) - odds.begin());
  double total = 0;
  for (const double value : odds) total += std::exp(value - odds[best]);
  const double presence = 1 / (1 + std::exp(-score(weights::k_key_presence_trees, evidence->presence)));
  out.confidence = presence / total;
  if (presence < k_key_least) return out;
  if (is_single_tone(track.lines)) return {};  // its partials sound like a chord of their own
  odds[best] = -1e9;
  const auto second = static_cast<std::size_t>(std::max_element(odds.begin(), odds.end()) - odds.begin());
  out.key = key_at(best);
  out.alternative = key_at(second);
  out.tuning = 440 * std::exp2(evidence->tuning / 12);
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
