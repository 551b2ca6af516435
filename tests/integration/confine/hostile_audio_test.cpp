// Hostile audio through the real worker: an answer or a refusal, never a crash.
#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "kbeat/confine/analyzer.hpp"
#include "kbeat/net/temporary_file.hpp"
#include "support/temp_dir.hpp"
#include "support/wav.hpp"

using namespace kbeat;
using test::click_track;
using test::wav_header;
using test::WavHeader;

namespace {

net::FetchedFile file_of(const std::string& bytes) {
  const test::TempDir folder;
  net::FetchedFile file = net::make_temporary_file(folder.path());
  REQUIRE(write(file.descriptor(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return file;
}

confine::Analyzed analyze(const std::string& bytes, const audio::AnalysisRequest& request = {}) {
  const auto analyzer =
      confine::open_confined_analyzer({}, request, {KBEAT_PROGRAM, {std::string(confine::k_worker_word)}});
  const net::FetchedFile file = file_of(bytes);
  return analyzer->analyze(file.descriptor(), SteadyTime::max(), {});
}

nlohmann::json metrics_of(const confine::Analyzed& analyzed) {
  if (const auto* error = std::get_if<Error>(&analyzed)) FAIL(error->what());
  return nlohmann::json::parse(std::get<std::string>(analyzed));
}

void check_refused(const confine::Analyzed& analyzed) {
  REQUIRE(std::holds_alternative<Error>(analyzed));
  const Error& error = std::get<Error>(analyzed);
  INFO(error.what());
  CHECK(to_string(error.code()) == "bad_input");
  CHECK_FALSE(std::string(error.what()).empty());
}

}  // namespace

TEST_CASE("the worker measures a click track as the library does in this process", "[confine]") {
  const std::string clicks = click_track(12, 120);
  const confine::Analyzed confined = analyze(clicks);
  const nlohmann::json metrics = metrics_of(confined);
  CHECK(metrics["bpm"].get<double>() == Approx(120).margin(0.1));
  CHECK(metrics["duration"].get<double>() == Approx(12));
  const net::FetchedFile file = file_of(clicks);
  const auto here = confine::open_in_process_analyzer();
  CHECK(std::get<std::string>(here->analyze(file.descriptor(), SteadyTime::max(), {})) ==
        std::get<std::string>(confined));
}

TEST_CASE("what is asked of the analysis reaches the worker", "[confine]") {
  audio::AnalysisRequest request;
  request.options.metrics = audio::MetricSet::core;
  request.options.length = 6;
  request.beats = audio::BeatTimes::left_out;
  const nlohmann::json metrics = metrics_of(analyze(click_track(12, 120), request));
  CHECK(metrics["duration"].get<double>() == Approx(6).margin(0.1));
  CHECK_FALSE(metrics.contains("beats"));
}

TEST_CASE("what is not audio is refused by name of the fault", "[confine]") {
  const std::string bytes = GENERATE(as<std::string>(), "", "x", "this is text in a file named .wav",
                                     "<html><body>404</body></html>", "\x89PNG\r\n\x1a\n and so on", "RIFF",
                                     "ID3\x04", "OggS", "fLaC");
  check_refused(analyze(bytes));
}

TEST_CASE("a WAV whose header asks for too much is refused", "[confine]") {
  const WavHeader header =
      GENERATE(WavHeader{.channels = 0}, WavHeader{.channels = 1024}, WavHeader{.rate = 0},
               WavHeader{.rate = 0x7FFFFFFF}, WavHeader{.rate = 7999}, WavHeader{.bits = 0},
               WavHeader{.format = 0x11, .bits = 4}, WavHeader{.format = 2, .bits = 4});
  INFO(header.format << " " << header.channels << " " << header.rate << " " << header.bits);
  check_refused(analyze(wav_header(header) + std::string(10'000, 'x')));
}

TEST_CASE("a WAV that promises 100 hours is measured by what it holds", "[confine]") {
  std::string clicks = click_track(8, 120);
  clicks.replace(0, 44, wav_header({.data_bytes = 0xFFFFFFF0}));
  CHECK(metrics_of(analyze(clicks))["duration"].get<double>() == Approx(8).margin(0.1));
}

TEST_CASE("a WAV without one frame is refused", "[confine]") {
  check_refused(analyze(wav_header({})));
}

TEST_CASE("audio longer than the limit is refused at the frame that passes it", "[confine]") {
  audio::AnalysisRequest request;
  request.limits.max_seconds = 5;
  check_refused(analyze(click_track(6, 120), request));
  CHECK(metrics_of(analyze(click_track(4, 120), request))["duration"].get<double>() == Approx(4));
}

TEST_CASE("samples that are no numbers do no harm", "[confine]") {
  std::string bytes = wav_header({.format = 3, .bits = 32, .data_bytes = 4 * 22'050});
  for (int i = 0; i < 22'050; ++i) {
    const float sample =
        i % 3 == 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    bytes.append(reinterpret_cast<const char*>(&sample), sizeof sample);
  }
  CHECK(metrics_of(analyze(bytes))["duration"].get<double>() == Approx(1));
}

TEST_CASE("damaged files of each kind are measured or refused", "[confine]") {
  const std::string name = GENERATE("beat-120-a-minor.wav", "beat-90-c-major.ogg");
  const std::filesystem::path samples =
      std::filesystem::path(KBEAT_TEST_DATA).parent_path().parent_path().parent_path() / "samples/audio";
  std::ifstream stream(samples / name, std::ios::binary);
  const std::string sound{std::istreambuf_iterator<char>(stream), {}};
  REQUIRE(sound.size() > 10'000);
  const auto seed = GENERATE(range(1u, 11u));
  std::mt19937 random(seed);
  // Most damage near the front, where headers and codebooks lie.
  std::string damaged =
      sound.substr(0, seed % 3 == 0 ? 4096 + random() % (sound.size() - 4096) : sound.size());
  for (int i = 0; i < 20; ++i)
    damaged[random() % (i % 2 == 0 ? 4096u : damaged.size())] = static_cast<char>(random());
  const confine::Analyzed analyzed = analyze(damaged);
  INFO(name << ", seed " << seed);
  if (std::holds_alternative<Error>(analyzed)) check_refused(analyzed);
}
