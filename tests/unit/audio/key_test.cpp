// Keys of cadences in every key and of sounds without one.
#include <catch2/catch.hpp>
#include <cmath>

#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/key.hpp"
#include "kbeat/audio/key_evidence.hpp"
#include "kbeat/audio/stft.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

namespace {

CoreMetrics analyze_mono(const synth::Samples& samples) {
  Analyzer analyzer(22'050, 1, {});
  analyzer.write(samples);
  return analyzer.finish().core;
}

KeyEvidence evidence_of(const synth::Samples& samples) {
  ChromaExtractor chroma;
  Stft stft(k_chroma_size, k_chroma_hop, [&](auto power, auto frames) { chroma.write(power, frames); });
  stft.write(samples);
  stft.finish();
  return gather_key_evidence(chroma.take()).value();
}

/// Of the triads in KeyFeatures, and of those that the tonic's follows.
double triad_share(const KeyFeatures& features, std::size_t triad) {
  return features[k_key_shared + 12 + triad];
}
double leads_to_tonic(const KeyFeatures& features, std::size_t triad) {
  return features[k_key_shared + 12 + 24 + triad];
}

}  // namespace

TEST_CASE("what speaks for a key is what speaks for another one where all is played higher", "[audio][key]") {
  const KeyEvidence in_c = evidence_of(synth::cadence(0, false, 440, 22'050));
  const KeyEvidence in_f = evidence_of(synth::cadence(5, false, 440, 22'050));
  for (std::size_t i = 0; i < std::tuple_size_v<KeyFeatures>; ++i) {
    CAPTURE(i);
    CHECK(in_f.keys[5][i] == Approx(in_c.keys[0][i]).margin(0.15));
    CHECK(in_f.keys[12 + 2][i] == Approx(in_c.keys[12 + 9][i]).margin(0.15));
  }
}

TEST_CASE("triads are heard, and that the dominant leads to the tonic", "[audio][key]") {
  const KeyFeatures features = evidence_of(synth::cadence(7, false, 440, 22'050)).keys[7];
  CHECK(triad_share(features, 0) == Approx(0.5).margin(0.1));  // two chords of four
  CHECK(triad_share(features, 5) == Approx(0.25).margin(0.1));
  CHECK(triad_share(features, 7) == Approx(0.25).margin(0.1));
  CHECK(leads_to_tonic(features, 7) > 0.04);
  CHECK(leads_to_tonic(features, 5) < 0.02);
  CHECK(leads_to_tonic(features, 0) == 0);
}

TEST_CASE("a cadence in each of the 24 keys is heard in that key", "[audio][key]") {
  for (int tonic = 0; tonic < 12; ++tonic) {
    for (const bool minor : {false, true}) {
      const CoreMetrics found = analyze_mono(synth::cadence(tonic, minor, 440, 22'050));
      CAPTURE(tonic, minor, found.key_confidence);
      CHECK(found.key == key_name({tonic, minor}));
      CHECK(found.mode == (minor ? "minor" : "major"));
      REQUIRE(found.tuning_hz);
      CHECK(1200 * std::log2(*found.tuning_hz / 440) == Approx(0).margin(1));
    }
  }
}

TEST_CASE("another tuning is measured to a cent and moves the key by no more than its semitones",
          "[audio][key]") {
  for (const double tuning : {415.0, 425.0, 432.0, 436.0, 444.0, 450.0, 460.0, 466.0}) {
    const CoreMetrics found = analyze_mono(synth::cadence(2, true, tuning, 22'050));
    const double semitones = 12 * std::log2(tuning / 440), whole = std::round(semitones);
    CAPTURE(tuning);
    CHECK(found.key == key_name({2 + static_cast<int>(whole), true}));
    REQUIRE(found.tuning_hz);
    CHECK(1200 * std::log2(*found.tuning_hz / 440) == Approx(100 * (semitones - whole)).margin(1));
  }
}

TEST_CASE("drums, noise and silence have no key", "[audio][key]") {
  CHECK_FALSE(analyze_mono(synth::drums({.seconds = 12})).key);
  CHECK_FALSE(analyze_mono(synth::noise(12, 0.3, 22'050, 5)).key);
  CHECK_FALSE(analyze_mono(synth::Samples(22'050 * 4)).key);
}

TEST_CASE("keys are also named as disc jockeys do", "[audio][key]") {
  CHECK(camelot({9, true}) == "8A");
  CHECK(camelot({0, false}) == "8B");
  CHECK(camelot({7, false}) == "9B");
  CHECK(camelot({1, true}) == "12A");
  CHECK(camelot({11, false}) == "1B");
  CHECK(open_key({0, false}) == "1d");
  CHECK(open_key({9, true}) == "1m");
  CHECK(open_key({7, false}) == "2d");
  CHECK(open_key({5, false}) == "12d");
}
