// Derived measures on signals whose answer is known: energy, danceability, dynamics, stereo, chords.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/chords.hpp"
#include "kbeat/audio/energy.hpp"
#include "kbeat/audio/stft.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

namespace {

/// Ten minutes of a level that moves by itself from frame to frame, or wanders.
std::vector<float> level(bool wanders) {
  synth::Noise noise(7);
  std::vector<float> out;
  float walk = 1;
  for (int i = 0; i < 60'000; ++i) {
    const float step = noise.next();
    walk += wanders ? 0.01F * step : 0.0F;
    out.push_back(walk + (wanders ? 0.0F : 0.5F * step));
  }
  return out;
}

/// Mean squares of 100 ms at the levels given, in dB, ten frames each.
std::vector<float> steps(const std::vector<double>& levels) {
  std::vector<float> out;
  for (const double level : levels) out.insert(out.end(), 20, static_cast<float>(std::pow(10.0, level / 10)));
  return out;
}

ChromaTrack harmony_of(const synth::Samples& samples) {
  ChromaExtractor extractor;
  Stft stft(k_chroma_size, k_chroma_hop, [&](auto power, auto frames) { extractor.write(power, frames); });
  stft.write(samples);
  stft.finish();
  return extractor.take();
}

Analysis measure_all(const synth::Samples& samples, int channels) {
  AnalyzeOptions options;
  options.metrics = MetricSet::all;
  Analyzer analyzer(22'050, channels, options);
  analyzer.write(samples);
  return analyzer.finish();
}

}  // namespace

TEST_CASE("danceability is one over the exponent that theory gives", "[audio][energy]") {
  // White noise has the exponent 1/2 and its sum 3/2: Peng et al., Physical Review E 49, 1994.
  CHECK(*danceability(level(false), 100) == Approx(2).epsilon(0.05));
  CHECK(*danceability(level(true), 100) == Approx(2.0 / 3).epsilon(0.05));
  CHECK_FALSE(danceability(std::vector<float>(60'000, 0.3F), 100));
  CHECK_FALSE(danceability(std::vector<float>(900, 0.3F), 100));
}

TEST_CASE("danceability of the sample is essentia's", "[audio][energy]") {
  auto reader = FileReader::from_path(std::string(KBEAT_SAMPLES) + "/audio/beat-120-a-minor.wav");
  AnalyzeOptions options;
  options.metrics = MetricSet::all;
  // Danceability of essentia 2.1b6 says 2.80, on blocks of 10 ms instead of windows of 46.
  CHECK(*analyze(reader, options).extra.danceability == Approx(2.80).epsilon(0.1));
}

TEST_CASE("dynamic complexity is the mean distance from the weighted loudness", "[audio][energy]") {
  const double loud = std::pow(0.9, 20), soft = std::pow(0.9, 30);
  const double whole = (-20 * loud - 30 * soft) / (loud + soft);
  CHECK(*dynamic_complexity(steps({-20, -30})) == Approx(((-20 - whole) + (whole + 30)) / 2).margin(1e-4));
  CHECK(*dynamic_complexity(steps({-20, -90, -30})) == Approx(5).margin(1e-4));
  CHECK(*dynamic_complexity(steps({-20, -20, -20})) == Approx(0).margin(1e-4));
  CHECK_FALSE(dynamic_complexity(steps({-80})));
}

TEST_CASE("the energy curve is the level of each second", "[audio][energy]") {
  synth::Samples samples = synth::tone(440, 2, 0.5, 22'050);
  samples.insert(samples.end(), 2 * 22'050, 0.0F);
  const std::vector<double> curve = measure_all(samples, 1).extra.energy_curve;
  REQUIRE(curve.size() == 4);
  CHECK(curve[0] == Approx(-9.03).margin(0.2));
  CHECK(curve[1] == Approx(-9.03).margin(0.05));
  CHECK(curve[3] == Approx(-120));
}

TEST_CASE("the waveform has 200 stretches, fewer for what is shorter than two seconds", "[audio][energy]") {
  synth::Samples samples = synth::tone(440, 2, 0.5, 22'050);
  samples.insert(samples.end(), 2 * 22'050, 0.0F);
  const std::vector<double> levels = measure_all(samples, 1).extra.waveform;
  REQUIRE(levels.size() == 200);
  CHECK(levels[50] == Approx(0.5 / std::sqrt(2)).margin(0.02));
  CHECK(levels[150] == Approx(0).margin(1e-3));
  CHECK(waveform(std::vector<float>{0.5F, 2.0F}) == std::vector<double>{0.5, 1.0});
  CHECK(waveform({}).empty());
}

TEST_CASE("energy goes from 0 to 100 by its formula", "[audio][energy]") {
  CHECK(*energy({.lufs = -30, .onset_rate = 0, .crest_db = 20}) == Approx(0));
  CHECK(*energy({.lufs = -6, .onset_rate = 8, .crest_db = 6}) == Approx(100));
  CHECK(*energy({.lufs = -18, .onset_rate = 4, .crest_db = 13}) == Approx(50));
  CHECK(*energy({.lufs = 3, .onset_rate = 50, .crest_db = 0}) == Approx(100));
  CHECK_FALSE(energy({.lufs = {}, .onset_rate = 4, .crest_db = 13}));
}

TEST_CASE("width and correlation tell mono, independent channels and one side alone apart",
          "[audio][energy]") {
  const auto left = synth::noise(5, 0.3, 22'050, 1), right = synth::noise(5, 0.3, 22'050, 2);
  synth::Samples independent, one_side;
  for (std::size_t i = 0; i < left.size(); ++i) {
    independent.insert(independent.end(), {left[i], right[i]});
    one_side.insert(one_side.end(), {left[i], 0.0F});
  }
  const ExtraMetrics mono = measure_all(synth::interleaved(left, 2), 2).extra;
  CHECK(*mono.stereo_correlation == Approx(1));
  CHECK(*mono.stereo_width == Approx(0).margin(1e-6));
  const ExtraMetrics apart = measure_all(independent, 2).extra;
  CHECK(*apart.stereo_correlation == Approx(0).margin(0.02));
  CHECK(*apart.stereo_width == Approx(0.5).margin(0.02));
  CHECK_FALSE(measure_all(one_side, 2).extra.stereo_correlation);
  CHECK_FALSE(measure_all(left, 1).extra.stereo_width);
}

TEST_CASE("the chords of a cadence are named, those of noise are not", "[audio][chords]") {
  const std::vector<double> bars{0, 2, 4, 6};
  using Names = std::vector<std::string>;
  CHECK(chords_of_bars(harmony_of(synth::cadence(0, false, 440, 22'050)), bars, 0) ==
        Names{"C", "F", "G", "C"});
  CHECK(chords_of_bars(harmony_of(synth::cadence(9, true, 443, 22'050)), bars, 12).front() == "Am");
  CHECK(chords_of_bars(harmony_of(synth::cadence(0, false, 440, 22'050)), bars, 45) == Names(4));
  CHECK(chords_of_bars(harmony_of(synth::noise(8, 0.3, 22'050, 3)), bars, 0) == Names(4));
  CHECK(chords_of_bars({}, bars, 0) == Names(4));
  CHECK(chords_of_bars({}, {}, 0).empty());
}
