// Loudness and true peak on the signals of EBU Tech 3341 and 3342, synthesised, and against libebur128.
#include <ebur128.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "kbeat/audio/analyze.hpp"
#include "kbeat/base/handle.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

namespace {

struct Part {
  double dbfs, seconds;
};

/// 1 kHz sine parts, the same in both channels, as in the EBU's minimum requirements.
synth::Samples stereo_sines(const std::vector<Part>& parts, double rate = 48'000, double hertz = 1'000) {
  synth::Samples mono;
  for (const Part& part : parts) {
    const auto tone = synth::tone(hertz, part.seconds, std::pow(10.0, part.dbfs / 20), rate);
    mono.insert(mono.end(), tone.begin(), tone.end());
  }
  return synth::interleaved(mono, 2);
}

CoreMetrics measure(const synth::Samples& samples, int channels = 2, int rate = 48'000) {
  Analyzer analyzer(rate, channels, {});
  analyzer.write(samples);
  return analyzer.finish().core;
}

ExtraMetrics measure_all(const synth::Samples& samples) {
  Analyzer analyzer(48'000, 2, {.tempo = {}, .metrics = MetricSet::all, .start = 0, .length = {}});
  analyzer.write(samples);
  return analyzer.finish().extra;
}

/// `times` over.
std::vector<Part> repeated(const std::vector<Part>& parts, int times) {
  std::vector<Part> out;
  for (int i = 0; i < times; ++i) out.insert(out.end(), parts.begin(), parts.end());
  return out;
}

void free_state(ebur128_state* state) {
  ebur128_destroy(&state);
}

struct Reference {
  double lufs = 0, lra = 0, peak_db = 0;
};

Reference libebur128(const synth::Samples& samples, unsigned channels, unsigned rate) {
  const kbeat::Handle<ebur128_state, free_state> state(
      ebur128_init(channels, rate, EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK));
  REQUIRE(ebur128_add_frames_float(state.get(), samples.data(), samples.size() / channels) ==
          EBUR128_SUCCESS);
  Reference out;
  REQUIRE(ebur128_loudness_global(state.get(), &out.lufs) == EBUR128_SUCCESS);
  REQUIRE(ebur128_loudness_range(state.get(), &out.lra) == EBUR128_SUCCESS);
  for (unsigned c = 0; c < channels; ++c) {
    double peak = 0;
    REQUIRE(ebur128_true_peak(state.get(), c, &peak) == EBUR128_SUCCESS);
    out.peak_db = std::max(c == 0 ? -1000 : out.peak_db, 20 * std::log10(peak));
  }
  return out;
}

/// A quarter of the sample rate with its samples between the peaks: the sample peak misses the true one.
synth::Samples between_samples(double amplitude, double phase_degrees, double divisor, double rate) {
  synth::Samples mono(static_cast<std::size_t>(rate));
  for (std::size_t i = 0; i < mono.size(); ++i) {
    const double turn = 2 * std::numbers::pi * (static_cast<double>(i) / divisor + phase_degrees / 360);
    const double fade =
        std::min({1.0, static_cast<double>(i) / 2000, static_cast<double>(mono.size() - i) / 2000});
    mono[i] = static_cast<float>(amplitude * fade * std::sin(turn));
  }
  return synth::interleaved(mono, 2);
}

/// Band-limited samples of a sine of a sixth of 48 kHz at half scale with one whole period at full scale:
/// made at 192 kHz and taken down from its sample number `offset` on.
synth::Samples sudden_period(int offset) {
  constexpr int k_factor = 4, k_half = 256, k_rate = 192'000, k_period = 24;
  std::vector<double> fine(k_rate);
  for (int i = 0; i < k_rate; ++i) {
    const bool loud = i >= k_rate / 2 && i < k_rate / 2 + k_period;
    const double fade = std::min({1.0, i / 8000.0, (k_rate - i) / 8000.0});
    fine[static_cast<std::size_t>(i)] =
        (loud ? 1.0 : 0.5) * fade * std::sin(2 * std::numbers::pi * i / k_period);
  }
  synth::Samples mono;
  for (int at = offset; at < k_rate; at += k_factor) {
    double sum = 0;
    for (int k = -k_half; k <= k_half; ++k) {
      if (at + k < 0 || at + k >= k_rate) continue;
      const double x = std::numbers::pi * k / k_factor;
      const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * k / k_half);
      sum += fine[static_cast<std::size_t>(at + k)] * window * (k == 0 ? 1 : std::sin(x) / x) / k_factor;
    }
    mono.push_back(static_cast<float>(sum));
  }
  return mono;
}

/// The peak of the band-limited signal, looked for between samples where the loud period lies.
double interpolated_peak(const synth::Samples& mono) {
  constexpr int k_between = 32, k_half = 64;
  double peak = 0;
  for (int at = 23'900 * k_between; at < 24'100 * k_between; ++at) {
    const double place = static_cast<double>(at) / k_between;
    double sum = 0;
    for (int n = static_cast<int>(place) - k_half; n <= static_cast<int>(place) + k_half; ++n) {
      const double x = std::numbers::pi * (place - n);
      const double window = 0.5 + 0.5 * std::cos(x / (k_half + 1));
      sum += static_cast<double>(mono[static_cast<std::size_t>(n)]) * window * (x == 0 ? 1 : std::sin(x) / x);
    }
    peak = std::max(peak, std::abs(sum));
  }
  return 20 * std::log10(peak);
}

}  // namespace

TEST_CASE("integrated loudness is right on the signals of EBU Tech 3341", "[audio][loudness]") {
  const auto lufs = [](const std::vector<Part>& parts) {
    return measure(stereo_sines(parts)).lufs_integrated;
  };
  CHECK(*lufs({{-23, 20}}) == Approx(-23).margin(0.1));
  CHECK(*lufs({{-33, 20}}) == Approx(-33).margin(0.1));
  CHECK(*lufs({{-36, 10}, {-23, 60}, {-36, 10}}) == Approx(-23).margin(0.1));
  CHECK(*lufs({{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}) == Approx(-23).margin(0.1));
  CHECK(*lufs({{-26, 20}, {-20, 20.1}, {-26, 20}}) == Approx(-23).margin(0.1));
}

TEST_CASE("the surround channels of 5.1 weigh more and the LFE nothing", "[audio][loudness]") {
  // Tech 3341 case 6: -28 dB left and right, -24 dB centre, -30 dB surrounds.
  constexpr std::array k_levels = {-28.0, -28.0, -24.0, -20.0, -30.0, -30.0};
  const auto unit = synth::tone(1'000, 20, 1, 48'000);
  synth::Samples samples;
  for (const float x : unit)
    for (std::size_t c = 0; c < 6; ++c)
      samples.push_back(x * static_cast<float>(std::pow(10.0, k_levels[c] / 20)));
  CHECK(*measure(samples, 6).lufs_integrated == Approx(-23).margin(0.1));
}

TEST_CASE("each channel of 7.1 weighs what its place gives it", "[audio][loudness]") {
  // Left, right, centre, LFE, backs, sides; +1.49 dB is a factor of 1.41.
  constexpr std::array k_gains = {0.0, 0.0, 0.0, -1000.0, 0.0, 0.0, 1.49, 1.49};
  const auto unit = synth::tone(1'000, 5, 0.1, 48'000);
  const double alone = *measure(synth::interleaved(unit, 1), 1).lufs_integrated;
  for (std::size_t sounding = 0; sounding < k_gains.size(); ++sounding) {
    synth::Samples samples;
    for (const float x : unit)
      for (std::size_t c = 0; c < k_gains.size(); ++c) samples.push_back(c == sounding ? x : 0.0F);
    const auto found = measure(samples, 8).lufs_integrated;
    CAPTURE(sounding);
    CHECK(found.value_or(-1000) == Approx(std::max(-1000.0, alone + k_gains[sounding])).margin(0.02));
  }
}

TEST_CASE("the loudness range is right on the signals of EBU Tech 3342", "[audio][loudness]") {
  const auto lra = [](const std::vector<Part>& parts) { return measure(stereo_sines(parts)).lra; };
  CHECK(*lra({{-20, 20}, {-30, 20}}) == Approx(10).margin(1));
  CHECK(*lra({{-20, 20}, {-15, 20}}) == Approx(5).margin(1));
  CHECK(*lra({{-40, 20}, {-20, 20}}) == Approx(20).margin(1));
  CHECK(*lra({{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}) == Approx(15).margin(1));
}

TEST_CASE("true peak is right on the signals of EBU Tech 3341", "[audio][loudness]") {
  const auto peak = [](double amplitude, double phase, double divisor) {
    return *measure(between_samples(amplitude, phase, divisor, 48'000)).true_peak_dbtp;
  };
  const auto within = [](double db, double expected) { return db < expected + 0.2 && db > expected - 0.4; };
  CHECK(within(peak(0.5, 0, 4), -6));
  CHECK(within(peak(0.5, 45, 4), -6));
  CHECK(within(peak(0.5, 60, 6), -6));
  CHECK(within(peak(0.5, 67.5, 8), -6));
  CHECK(within(peak(1.41, 45, 4), 3));
}

TEST_CASE("the peak of a sudden period is found wherever the samples fall", "[audio][loudness]") {
  // Tech 3341 cases 20 to 23: generated at four times the rate, taken down with an offset of 0 to 3 samples.
  for (const int offset : {0, 1, 2, 3}) {
    const synth::Samples mono = sudden_period(offset);
    const double expected = interpolated_peak(mono);
    const double found = *measure(synth::interleaved(mono, 2)).true_peak_dbtp;
    CAPTURE(offset, expected, found);
    CHECK(expected == Approx(0).margin(1));
    CHECK(found < expected + 0.2);
    CHECK(found > expected - 0.4);
  }
}

TEST_CASE("momentary and short-term loudness are right on the signals of EBU Tech 3341",
          "[audio][loudness]") {
  const auto short_term = [](const std::vector<Part>& parts) {
    return *measure_all(stereo_sines(parts)).short_term_max_lufs;
  };
  const auto momentary = [](const std::vector<Part>& parts) {
    return *measure_all(stereo_sines(parts)).momentary_max_lufs;
  };
  // Cases 9 and 12: whatever the phase of the window, it holds the same energy.
  CHECK(short_term(repeated({{-20, 1.34}, {-30, 1.66}}, 5)) == Approx(-23).margin(0.1));
  CHECK(momentary(repeated({{-20, 0.18}, {-30, 0.22}}, 25)) == Approx(-23).margin(0.1));
  for (const int i : {0, 1, 7, 13, 19}) {
    CAPTURE(i);
    // Cases 10 and 13: one window's length of tone, at any place.
    CHECK(short_term({{-200, 0.15 * i + 0.001}, {-23, 3}, {-200, 1}}) == Approx(-23).margin(0.1));
    CHECK(momentary({{-200, 0.02 * i + 0.001}, {-23, 0.4}, {-200, 1}}) == Approx(-23).margin(0.1));
  }
}

TEST_CASE("loudness agrees with libebur128 at every rate and channel count", "[audio][loudness]") {
  for (const int rate : {22'050, 44'100, 48'000, 96'000}) {
    const auto music = synth::drums({.seconds = 12, .rate = static_cast<double>(rate)});
    for (const std::size_t channels : {1u, 2u, 5u}) {
      const auto samples = synth::interleaved(music, channels);
      const Reference expected =
          libebur128(samples, static_cast<unsigned>(channels), static_cast<unsigned>(rate));
      const CoreMetrics found = measure(samples, static_cast<int>(channels), rate);
      CAPTURE(rate, channels);
      CHECK(*found.lufs_integrated == Approx(expected.lufs).margin(0.01));
      CHECK(*found.lra == Approx(expected.lra).margin(0.2));
      // Noise up to half the sample rate, where the two interpolations differ most.
      CHECK(*found.true_peak_dbtp == Approx(expected.peak_db).margin(0.4));
    }
  }
}

TEST_CASE("silence and what is too short have no loudness", "[audio][loudness]") {
  const CoreMetrics silent = measure(synth::Samples(48'000 * 2 * 5));
  CHECK_FALSE(silent.lufs_integrated);
  CHECK_FALSE(silent.lra);
  CHECK_FALSE(silent.true_peak_dbtp);
  CHECK_FALSE(silent.energy);
  const CoreMetrics brief = measure(stereo_sines({{-20, 0.3}}));
  CHECK_FALSE(brief.lufs_integrated);
  CHECK(*brief.true_peak_dbtp == Approx(-20).margin(0.2));
}
