// The analysis as a whole: levels, flags, independence of how samples come, the printed object.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "kbeat/audio/analysis_json.hpp"
#include "kbeat/base/error.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

namespace {

Analysis measure(const synth::Samples& samples, int channels = 1, int rate = 22'050,
                 std::size_t piece = SIZE_MAX) {
  AnalyzeOptions options;
  options.metrics = MetricSet::all;
  Analyzer analyzer(rate, channels, options);
  std::span<const float> left(samples);
  while (!left.empty()) {
    const auto part = left.first(std::min(left.size(), piece));
    analyzer.write(part);
    left = left.subspan(part.size());
  }
  return analyzer.finish();
}

std::string as_json(const Analysis& analysis) {
  return to_json(analysis, {.metrics = MetricSet::all});
}

bool has_flag(const Analysis& analysis, const std::string& flag) {
  const auto& flags = analysis.core.flags;
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

}  // namespace

TEST_CASE("the result does not depend on how the samples are cut into pieces", "[audio][analyze]") {
  const auto music = synth::interleaved(
      synth::mix(synth::drums({.seconds = 12, .rate = 44'100}), synth::cadence(4, true, 440, 44'100)), 2);
  const std::string whole = as_json(measure(music, 2, 44'100));
  for (const std::size_t piece : {2u, 1'000u, 32'768u, 99'998u}) {
    CAPTURE(piece);
    CHECK(as_json(measure(music, 2, 44'100, piece)) == whole);
  }
}

TEST_CASE("levels are those of the samples", "[audio][analyze]") {
  synth::Samples tone = synth::tone(440, 2, 0.5, 22'050);
  for (float& x : tone) x += 0.1F;
  synth::Samples track(22'050);
  track.insert(track.end(), tone.begin(), tone.end());
  track.insert(track.end(), 11'025, 0.0F);
  const CoreMetrics found = measure(track).core;
  CHECK(found.duration == Approx(3.5));
  CHECK(*found.sample_peak_dbfs == Approx(20 * std::log10(0.6)).margin(0.01));
  CHECK(*found.rms_dbfs == Approx(10 * std::log10((0.125 + 0.01) * 2 / 3.5)).margin(0.02));
  CHECK(found.dc_offset == Approx(0.1 * 2 / 3.5).margin(0.001));
  CHECK(found.silence_head == Approx(1).margin(0.001));
  CHECK(found.silence_tail == Approx(0.5).margin(0.001));
  CHECK(found.flags == std::vector<std::string>{"dc_offset"});
}

TEST_CASE("clipped samples are counted by runs", "[audio][analyze]") {
  synth::Samples loud = synth::tone(100, 1, 1.5, 22'050);
  for (float& x : loud) x = std::clamp(x, -1.0F, 1.0F);
  const Analysis found = measure(loud);
  CHECK(found.core.clipped_runs == 200);
  CHECK(has_flag(found, "clipped"));
  CHECK(measure(synth::tone(100, 1, 0.99, 22'050)).core.clipped_runs == 0);
}

TEST_CASE("float samples over full scale are measured as they are", "[audio][analyze]") {
  const Analysis found = measure(synth::tone(997, 2, 2.0, 48'000), 1, 48'000);
  CHECK(*found.core.sample_peak_dbfs == Approx(6.02).margin(0.01));
  CHECK(*found.core.lufs_integrated == Approx(6.02 - 3.01).margin(0.05));
  CHECK(has_flag(found, "over_full_scale"));
}

TEST_CASE("NaN and infinities are replaced, flagged and never printed", "[audio][analyze]") {
  synth::Samples samples = synth::drums({.seconds = 10});
  for (std::size_t i = 0; i < samples.size(); i += 997) samples[i] = std::numeric_limits<float>::quiet_NaN();
  samples[5'000] = std::numeric_limits<float>::infinity();
  samples[6'000] = -std::numeric_limits<float>::infinity();
  const Analysis found = measure(samples);
  CHECK(has_flag(found, "bad_samples"));
  const std::string printed = as_json(found);
  CHECK(printed.find("nan") == std::string::npos);
  CHECK(*found.core.sample_peak_dbfs < 6);
}

TEST_CASE("samples louder than any sound do no harm", "[audio][analyze]") {
  synth::Samples samples = synth::drums({.seconds = 10});
  for (std::size_t i = 0; i < samples.size(); i += 997) samples[i] = i % 2 == 0 ? 3e38F : -1e20F;
  const Analysis found = measure(samples);
  CHECK(has_flag(found, "bad_samples"));
  CHECK(*found.core.sample_peak_dbfs < 6);
  CHECK(found.core.key_confidence >= 0);
}

TEST_CASE("channels in anti-phase are not taken for silence", "[audio][analyze]") {
  const auto mono = synth::drums({.bpm = 100, .seconds = 15});
  synth::Samples samples;
  for (const float x : mono) {
    samples.push_back(x);
    samples.push_back(-x);
  }
  const Analysis found = measure(samples, 2);
  CHECK(has_flag(found, "anti_phase"));
  CHECK(*found.extra.stereo_correlation == Approx(-1).margin(0.001));
  CHECK(*found.extra.stereo_width == Approx(1).margin(0.001));
  REQUIRE(found.core.bpm);
  CHECK(*found.core.bpm == Approx(100).margin(0.1));
}

TEST_CASE("one to eight channels of the same sound have its tempo, peak and length", "[audio][analyze]") {
  const auto mono = synth::drums({.bpm = 100, .seconds = 10});
  const CoreMetrics alone = measure(mono).core;
  REQUIRE(alone.bpm);
  for (int channels = 2; channels <= 8; ++channels) {
    const Analysis found = measure(synth::interleaved(mono, static_cast<std::size_t>(channels)), channels);
    CAPTURE(channels);
    CHECK(*found.core.bpm == Approx(*alone.bpm).margin(1e-3));
    CHECK(found.core.beats.size() == alone.beats.size());
    CHECK(*found.core.true_peak_dbtp == Approx(*alone.true_peak_dbtp));
    CHECK(*found.core.rms_dbfs == Approx(*alone.rms_dbfs));
    CHECK(found.core.duration == alone.duration);
    CHECK(*found.extra.stereo_correlation == Approx(1));
  }
}

TEST_CASE("no samples are an error and fifty milliseconds are not", "[audio][analyze]") {
  CHECK_THROWS_AS(measure({}), kbeat::Error);
  const Analysis brief = measure(synth::tone(440, 0.05, 0.5, 22'050));
  CHECK(brief.core.duration == Approx(0.05).margin(0.001));
  CHECK_FALSE(brief.core.bpm);
}

TEST_CASE("music too quiet to be more than silence has no key", "[audio][analyze]") {
  synth::Samples quiet = synth::cadence(0, false, 440, 22'050);
  CHECK(measure(quiet).core.key == "C major");
  for (float& sample : quiet) sample *= 1e-4F;
  const Analysis found = measure(quiet);
  CHECK(has_flag(found, "silent"));
  CHECK_FALSE(found.core.key);
  CHECK(found.core.key_confidence == 0);
}

TEST_CASE("silence has no metrics that silence cannot have", "[audio][analyze]") {
  const Analysis found = measure(synth::Samples(220'500));
  CHECK(has_flag(found, "silent"));
  CHECK_FALSE(found.core.bpm);
  CHECK_FALSE(found.core.key);
  CHECK_FALSE(found.core.rms_dbfs);
  CHECK(found.core.silence_head == Approx(10));
  CHECK(found.extra.onset_rate == 0);
}

TEST_CASE("the spectrogram of silence has the colour of the quietest", "[audio][analyze]") {
  AnalyzeOptions options;
  options.plot = Plot::yes;
  Analyzer analyzer(22'050, 1, options);
  analyzer.write(synth::Samples(22'050));
  const Analysis found = analyzer.finish();
  REQUIRE(found.plot);
  const auto& cells = found.plot->spectrogram.cells;
  CHECK(std::all_of(cells.begin(), cells.end(), [](auto cell) { return cell == 0; }));
}

TEST_CASE("a tempo that changes half way is flagged", "[audio][analyze]") {
  auto samples = synth::drums({.bpm = 100, .first_beat = 0, .seconds = 30});
  const auto faster = synth::drums({.bpm = 112, .first_beat = 0, .seconds = 30});
  samples.insert(samples.end(), faster.begin(), faster.end());
  CHECK(has_flag(measure(samples), "tempo_changes"));
  CHECK_FALSE(has_flag(measure(synth::drums({.bpm = 100, .seconds = 60})), "tempo_changes"));
}

TEST_CASE("a part at three or four thirds of the tempo around it is flagged, and has its own beats",
          "[audio][analyze]") {
  const auto [first, second] = GENERATE(std::pair{120.0, 90.0}, std::pair{90.0, 120.0});
  auto samples = synth::drums({.bpm = first, .first_beat = 0, .seconds = 40});
  const auto other = synth::drums({.bpm = second, .first_beat = 0, .seconds = 30});
  samples.insert(samples.end(), other.begin(), other.end());
  const Analysis found = measure(samples);
  CHECK(has_flag(found, "tempo_changes"));
  REQUIRE(found.core.bpm);
  CHECK(*found.core.bpm == Approx(first).margin(0.1));
  CHECK(found.core.bpm_confidence < 0.7);
  const auto beats_between = [&](double from, double to) {
    return std::count_if(found.core.beats.begin(), found.core.beats.end(),
                         [&](double beat) { return beat >= from && beat < to; });
  };
  CHECK(std::abs(static_cast<double>(beats_between(5, 25)) - 20 * first / 60) <= 1);
  CHECK(std::abs(static_cast<double>(beats_between(48, 68)) - 20 * second / 60) <= 1);
}

TEST_CASE("a break and a part without drums change no tempo", "[audio][analyze]") {
  auto samples = synth::drums({.bpm = 120, .first_beat = 0, .seconds = 24});
  const auto rest = synth::mix(synth::tone(220, 16, 0.2, 22'050), synth::noise(16, 0.02, 22'050, 3));
  const synth::Samples drums = samples;
  samples.insert(samples.end(), rest.begin(), rest.end());
  samples.insert(samples.end(), drums.begin(), drums.end());
  const Analysis found = measure(samples);
  CHECK_FALSE(has_flag(found, "tempo_changes"));
  CHECK(found.core.bpm.value_or(0) == Approx(120).margin(0.1));
}

TEST_CASE("the printed object is flat, on one line, and null where a thing is not known",
          "[audio][analyze]") {
  Analysis analysis = measure(synth::noise(5, 0.2, 22'050, 9));
  analysis.tags.title = "a \"title\" of \xFF bytes\n";
  const std::string printed = as_json(analysis);
  CHECK(printed.find('\n') == std::string::npos);
  const auto json = nlohmann::json::parse(printed);
  for (const auto& [name, value] : json.items()) {
    CAPTURE(name);
    CHECK_FALSE(value.is_object());
  }
  CHECK(json["bpm"].is_null());
  CHECK(json["beats"].empty());
  CHECK(json["mfcc_mean"].size() == 13);
  CHECK(json["spectral_contrast_median"].size() == 7);
  CHECK(json["analysis_version"] == k_analysis_version);
  CHECK(nlohmann::json::parse(to_json(analysis)).contains("mfcc_mean") == false);
  const auto brief = nlohmann::json::parse(to_json(analysis, {.beats = BeatTimes::left_out}));
  CHECK_FALSE(brief.contains("beats"));
}
