// Prints how long each stage of an analysis takes on a file, and what of the whole is left for tempo, beats
// and key.
#include <fmt/core.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/levels.hpp"
#include "kbeat/audio/loudness.hpp"
#include "kbeat/audio/mono_22k.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/spectral.hpp"
#include "kbeat/audio/stft.hpp"
#include "kbeat/audio/true_peak.hpp"

namespace {

using namespace kbeat::audio;

double cpu_now() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The shortest of five: the others were disturbed.
double seconds_of(const std::function<void()>& work) {
  double least = 1e9;
  for (int i = 0; i < 5; ++i) {
    const double begun = cpu_now();
    work();
    least = std::min(least, cpu_now() - begun);
  }
  return least;
}

struct Track {
  int rate = 0;
  std::size_t channels = 0;
  std::vector<Planar> blocks;
  std::vector<float> mono;
};

Track read(const std::string& path) {
  Track track;
  FileReader reader = FileReader::from_path(path);
  track.rate = reader.info().sample_rate;
  track.channels = static_cast<std::size_t>(reader.info().channels);
  Deinterleaver deinterleaver(track.channels, FileReader::k_block_frames);
  Mono22k mono(track.channels, track.rate);
  for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
    std::span<const float> left = samples;
    while (deinterleaver.take(left)) {
      track.blocks.push_back(deinterleaver.block());
      const auto part = mono.write(deinterleaver.block());
      track.mono.insert(track.mono.end(), part.begin(), part.end());
    }
  }
  return track;
}

void decode(const std::string& path) {
  FileReader reader = FileReader::from_path(path);
  while (!reader.read().empty()) {
  }
}

template <typename Meter>
void run_blocks(const Track& track, Meter meter) {
  for (const Planar& block : track.blocks) static_cast<void>(meter.write(block));
}

void run_stft(const Track& track, std::size_t size, std::size_t hop, const Stft::Consumer& consumer) {
  Stft stft(size, hop, consumer);
  stft.write(track.mono);
  stft.finish();
}

void analyze_all(const std::string& path, MetricSet metrics) {
  FileReader reader = FileReader::from_path(path);
  AnalyzeOptions options;
  options.metrics = metrics;
  static_cast<void>(analyze(reader, options));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string path = argv[1];
  const Track track = read(path);
  const auto nothing = [](auto, auto) {};
  OnsetExtractor onsets;
  ChromaExtractor chroma;
  const double onset_stft = seconds_of([&] { run_stft(track, k_onset_size, k_onset_hop, nothing); });
  const double chroma_stft = seconds_of([&] { run_stft(track, k_chroma_size, k_chroma_hop, nothing); });
  const double spectral_stft = seconds_of([&] { run_stft(track, k_spectral_size, k_spectral_hop, nothing); });
  const double onset = seconds_of([&] {
    onsets = {};
    run_stft(track, k_onset_size, k_onset_hop, [&](auto power, auto frames) { onsets.write(power, frames); });
  });
  const double pitch = seconds_of([&] {
    chroma = {};
    run_stft(track, k_chroma_size, k_chroma_hop,
             [&](auto power, auto frames) { chroma.write(power, frames); });
  });
  const double core = seconds_of([&] { analyze_all(path, MetricSet::core); });
  const double all = seconds_of([&] { analyze_all(path, MetricSet::all); });
  const double decoding = seconds_of([&] { decode(path); });
  const double levels = seconds_of([&] { run_blocks(track, LevelMeter(track.channels)); });
  const double loudness = seconds_of([&] { run_blocks(track, LoudnessMeter(track.channels, track.rate)); });
  const double peak = seconds_of([&] { run_blocks(track, TruePeakMeter(track.channels, track.rate)); });
  const double mixing = seconds_of([&] {
    Mono22k meter(track.channels, track.rate);
    for (const Planar& block : track.blocks) static_cast<void>(meter.write(block));
  });
  const double seconds = static_cast<double>(track.mono.size()) / k_analysis_rate;
  double left = core;
  const auto row = [&](const char* name, double spent) {
    fmt::print("  {:44}{:7.1f} ms {:5.1f} %\n", name, 1000 * spent, 100 * spent / core);
    left -= spent;
  };
  fmt::print("where the time goes, {:.0f} s of audio, core metrics {:.0f} ms = {:.0f} x real time:\n",
             seconds, 1000 * core, seconds / core);
  row("decode", decoding);
  row("levels", levels);
  row("loudness", loudness);
  row("true peak", peak);
  row("mono, 22,050 Hz", mixing);
  row("STFT 1024/220", onset_stft);
  row("STFT 4096/2048", chroma_stft);
  row("onset bands", onset - onset_stft);
  row("pitch classes", pitch - chroma_stft);
  fmt::print("  {:44}{:7.1f} ms {:5.1f} %\n", "rest: tempo, beats, key, deinterleaving", 1000 * left,
             100 * left / core);
  fmt::print("  {:44}{:7.1f} ms, of it STFT 2048/512 {:.1f} ms\n", "all metrics: more", 1000 * (all - core),
             1000 * spectral_stft);
  return 0;
}
