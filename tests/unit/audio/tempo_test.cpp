// Tempo and beats of synthesised tracks whose truth is known.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "kbeat/audio/analyze.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

namespace {

Analysis analyze_mono(const synth::Samples& samples, double rate = 22'050,
                      const AnalyzeOptions& options = {}) {
  Analyzer analyzer(static_cast<int>(rate), 1, options);
  analyzer.write(samples);
  return analyzer.finish();
}

/// Median distance in s from each beat found to the nearest true one.
double median_error(const std::vector<double>& beats, const synth::Drums& truth) {
  std::vector<double> errors;
  const double beat = 60 / truth.bpm;
  for (const double b : beats) {
    const double phase = std::remainder(b - truth.first_beat, beat);
    errors.push_back(std::abs(phase));
  }
  std::sort(errors.begin(), errors.end());
  return errors.empty() ? 1 : errors[errors.size() / 2];
}

}  // namespace

TEST_CASE("a steady tempo is found to a twentieth of a beat a minute and its beats to 5 ms",
          "[audio][tempo]") {
  for (const double bpm : {83.37, 97.0, 110.0, 120.0, 128.0, 140.5, 150.0, 165.0, 174.0}) {
    const synth::Drums truth{.bpm = bpm, .seconds = 30};
    const Analysis found = analyze_mono(synth::drums(truth));
    CAPTURE(bpm, found.core.bpm_confidence);
    REQUIRE(found.core.bpm);
    CHECK(*found.core.bpm == Approx(bpm).margin(0.05));
    CHECK(median_error(found.core.beats, truth) < 0.005);
    CHECK(*found.core.bpm_stability > 0.8);
  }
}

TEST_CASE("from 50 to 220 bpm the answer given a range is the tempo itself", "[audio][tempo]") {
  for (const double bpm : {50.0, 60.0, 70.0, 190.0, 205.0, 220.0}) {
    AnalyzeOptions options;
    options.tempo = {.slowest = bpm * 0.75, .fastest = bpm * 1.4};
    const synth::Drums truth{.bpm = bpm, .seconds = 30};
    const Analysis found = analyze_mono(synth::drums(truth), 22'050, options);
    CAPTURE(bpm, found.core.bpm_confidence);
    REQUIRE(found.core.bpm);
    CHECK(*found.core.bpm == Approx(bpm).margin(0.05));
    CHECK(median_error(found.core.beats, truth) < 0.005);
  }
}

TEST_CASE("no answer lies outside the range asked for, and a range makes none surer", "[audio][tempo]") {
  const auto samples = synth::drums({.bpm = 120, .seconds = 30});
  const Analysis free = analyze_mono(samples);
  REQUIRE(free.core.bpm);
  struct Range {
    double slowest, fastest;
  };
  // An octave of 120; then what is related by 2/3, 3/4 or 4/3; then nothing at all.
  for (const Range& r : {Range{50, 70}, Range{220, 245}, Range{75, 85}, Range{88, 92}, Range{155, 165},
                         Range{70, 100}, Range{130, 138}, Range{20, 30}, Range{300, 400}}) {
    AnalyzeOptions options;
    options.tempo = {.slowest = r.slowest, .fastest = r.fastest};
    const Analysis found = analyze_mono(samples, 22'050, options);
    CAPTURE(r.slowest, r.fastest, found.core.bpm_confidence);
    CHECK(found.core.bpm_confidence <= free.core.bpm_confidence + 1e-9);
    if (found.core.bpm) CHECK((*found.core.bpm > r.slowest * 0.99 && *found.core.bpm < r.fastest * 1.01));
    CHECK(found.core.bpm.has_value() == !found.core.beats.empty());
    if (r.fastest == 70) CHECK(found.core.bpm.value_or(0) == Approx(60).margin(0.05));
    if (r.slowest == 75 || r.slowest == 88 || r.slowest == 130 || r.slowest == 300)
      CHECK_FALSE(found.core.bpm);
  }
}

TEST_CASE("the sample rate of the file does not change the tempo", "[audio][tempo]") {
  for (const double rate : {8'000.0, 44'100.0, 48'000.0, 96'000.0}) {
    const synth::Drums truth{.bpm = 126, .seconds = 15, .rate = rate};
    const Analysis found = analyze_mono(synth::drums(truth), rate);
    CAPTURE(rate);
    REQUIRE(found.core.bpm);
    CHECK(*found.core.bpm == Approx(126).margin(0.1));
    CHECK(median_error(found.core.beats, truth) < 0.006);
  }
}

TEST_CASE("swing does not move the beats", "[audio][tempo]") {
  const synth::Drums truth{.bpm = 115, .seconds = 25, .swing = 2.0 / 3};
  const Analysis found = analyze_mono(synth::drums(truth));
  REQUIRE(found.core.bpm);
  CHECK(*found.core.bpm == Approx(115).margin(0.05));
  CHECK(median_error(found.core.beats, truth) < 0.005);
}

TEST_CASE("a loop of exactly four, eight or sixteen beats has a tempo", "[audio][tempo]") {
  for (const int beats : {4, 8, 16}) {
    const synth::Drums truth{.bpm = 100, .first_beat = 0, .seconds = beats * 0.6};
    const Analysis found = analyze_mono(synth::drums(truth));
    CAPTURE(beats, found.core.bpm_confidence);
    REQUIRE(found.core.bpm);
    CHECK(*found.core.bpm == Approx(100).margin(0.01));
    CHECK(found.core.beats.size() == static_cast<std::size_t>(beats));
    CHECK(found.core.first_beat == 0.0);
  }
}

TEST_CASE("an excerpt of some length is no loop of whole beats", "[audio][tempo]") {
  const double rate = 22'050;
  for (const double first_beat : {0.14, 0.22, 0.3}) {
    for (const double bpm : {97.0, 123.0}) {
      for (const double seconds : {15.0, 20.0, 30.0}) {
        const synth::Drums truth{.bpm = bpm, .first_beat = first_beat, .seconds = seconds};
        const Analysis found =
            analyze_mono(synth::mix(synth::drums(truth), synth::noise(seconds, 0.004, rate, 5)));
        CAPTURE(first_beat, bpm, seconds);
        REQUIRE(found.core.bpm);
        CHECK(*found.core.bpm == Approx(bpm).margin(0.05));
        CHECK(median_error(found.core.beats, truth) < 0.006);
      }
    }
  }
}

TEST_CASE("where no beat differs from another no bar is claimed", "[audio][tempo]") {
  const double rate = 22'050, seconds = 40;
  const synth::Samples hit = synth::tone(60, 0.12, 0.5, rate);
  for (const double bpm : {94.0, 104.0, 127.0, 134.0}) {
    synth::Samples samples = synth::noise(seconds, 0.01, rate, 8);
    for (double at = 0.3; at + 0.2 < seconds; at += 60 / bpm)
      for (std::size_t i = 0; i < hit.size(); ++i)
        samples[static_cast<std::size_t>(std::lround(at * rate)) + i] += hit[i];
    const Analysis found = analyze_mono(samples);
    CAPTURE(bpm);
    REQUIRE(found.core.bpm);
    CHECK_FALSE(found.core.beats_per_bar);
    CHECK(found.core.downbeats.empty());
  }
}

TEST_CASE("what has no beat is not given one", "[audio][tempo]") {
  const double rate = 22'050;
  const auto none = [](const char* what, const synth::Samples& samples) {
    const Analysis found = analyze_mono(samples);
    CAPTURE(what, found.core.bpm_confidence);
    CHECK_FALSE(found.core.bpm);
    CHECK(found.core.beats.empty());
    CHECK(found.core.bpm_confidence < 0.3);
  };
  none("silence", synth::Samples(220'500));
  none("noise", synth::noise(20, 0.3, rate, 3));
  none("a steady chord", synth::mix(synth::tone(220, 20, 0.2, rate), synth::tone(277.18, 20, 0.2, rate)));
  none("one hit", synth::drums({.bpm = 20, .first_beat = 0.1, .seconds = 1.5}));
  none("fifty milliseconds", synth::tone(440, 0.05, 0.5, rate));
}
