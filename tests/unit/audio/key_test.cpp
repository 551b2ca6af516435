// Keys of cadences in every key and of sounds without one.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <initializer_list>
#include <numbers>

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

enum class Wave { sine, square, saw, pluck };

/// Without harmonics over 9 kHz.
synth::Samples play(Wave wave, double hertz, double seconds) {
  synth::Samples out(static_cast<std::size_t>(seconds * 22'050));
  for (int k = 1; k * hertz < 9'000 && (k == 1 || wave != Wave::sine); k += wave == Wave::square ? 2 : 1) {
    const double decay = wave == Wave::pluck ? 1 + 0.5 * k : 0;  // 1/s
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double t = static_cast<double>(i) / 22'050;
      out[i] +=
          static_cast<float>(0.1 / k * std::exp(-decay * t) * std::sin(2 * std::numbers::pi * k * hertz * t));
    }
  }
  return out;
}

double hertz(int semitones_over_c4) {
  return 440 * std::exp2((semitones_over_c4 - 9) / 12.0);
}

synth::Samples chord(Wave wave, std::initializer_list<int> notes, double seconds = 4) {
  synth::Samples out;
  for (const int note : notes) out = synth::mix(out, play(wave, hertz(note), seconds));
  return out;
}

synth::Samples melody(Wave wave, std::initializer_list<int> notes) {
  synth::Samples out;
  for (const int note : notes) {
    const synth::Samples sound = chord(wave, {note}, 0.4);
    out.insert(out.end(), sound.begin(), sound.end());
  }
  return out;
}

constexpr std::array k_waves = {Wave::sine, Wave::square, Wave::saw, Wave::pluck};

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

TEST_CASE("one note has no key and no tuning, however its wave and pitch", "[audio][key]") {
  for (const Wave wave : k_waves) {
    for (const int note : {-29, -20, -15, -4, 0, 9}) {
      const CoreMetrics found = analyze_mono(chord(wave, {note}));
      CAPTURE(static_cast<int>(wave), note, found.key_confidence);
      CHECK_FALSE(found.key);
      CHECK_FALSE(found.mode);
      CHECK_FALSE(found.key_alt);
      CHECK_FALSE(found.tuning_hz);
      CHECK(found.key_confidence < 0.7);
    }
  }
}

TEST_CASE("a note between silences, octaves, bare fifths and fourths have no key", "[audio][key]") {
  synth::Samples between(22'050);
  const synth::Samples note = chord(Wave::saw, {-15}, 1.5);
  between.insert(between.end(), note.begin(), note.end());
  between.resize(between.size() + 22'050);
  CHECK_FALSE(analyze_mono(between).key);
  for (const Wave wave : k_waves) {
    CAPTURE(static_cast<int>(wave));
    for (const int interval : {7, 12, 5, 19}) {
      CAPTURE(interval);
      CHECK_FALSE(analyze_mono(chord(wave, {-12, -12 + interval})).key);
    }
    CHECK_FALSE(analyze_mono(chord(wave, {-12, -5, 0})).key);
  }
}

TEST_CASE("mains hum has no key, with noise about it or without", "[audio][key]") {
  for (const double mains : {50.0, 60.0}) {
    const synth::Samples hum = play(Wave::saw, mains, 6);
    CAPTURE(mains);
    CHECK_FALSE(analyze_mono(hum).key);
    CHECK_FALSE(analyze_mono(synth::mix(hum, synth::noise(6, 0.001, 22'050, 3))).key);
  }
}

TEST_CASE("chords that do not change and melodies over a drone have keys", "[audio][key]") {
  for (const Wave wave : {Wave::square, Wave::saw, Wave::pluck}) {
    CAPTURE(static_cast<int>(wave));
    CHECK(analyze_mono(chord(wave, {-12, -8, -5})).key);
    CHECK(analyze_mono(chord(wave, {-12, -9, -5})).key);
    CHECK(analyze_mono(chord(wave, {-12, -8, -5, -2})).key);
    CHECK(analyze_mono(chord(wave, {-24, 0, 4, 7})).key);
    const synth::Samples tune = melody(wave, {0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2, 0});
    CHECK(analyze_mono(tune).key);
    CHECK(analyze_mono(synth::mix(tune, play(wave, hertz(-12), 6))).key);
  }
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
