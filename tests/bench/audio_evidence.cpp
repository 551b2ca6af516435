// Prints what speaks for each candidate tempo, a JSON line a candidate: the input from which the weights of
// the decision are learned. `audio_evidence FIRST COUNT` takes items of the corpus, other arguments are
// files.
#include <fmt/core.h>

#include <cstdlib>
#include <string>

#include "corpus.hpp"
#include "kbeat/audio/file_reader.hpp"
#include "kbeat/audio/mono_22k.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/stft.hpp"
#include "kbeat/audio/tempo.hpp"
#include "kbeat/base/error.hpp"

namespace {

using namespace kbeat::audio;

struct Heard {
  std::string name, style;
  double truth = 0;  ///< bpm, 0: no beat
  double seconds = 0;
  OnsetCurves curves;
};

/// Takes samples through the rhythm part of the analysis.
class Ear {
 public:
  void write(std::span<const float> mono) { m_stft.write(mono); }
  OnsetCurves finish() {
    m_stft.finish();
    return normalise(m_onsets.take());
  }

 private:
  OnsetExtractor m_onsets;
  Stft m_stft{k_onset_size, k_onset_hop, [this](auto power, auto frames) { m_onsets.write(power, frames); }};
};

Heard hear_file(const std::string& path) {
  auto reader = FileReader::from_path(path);
  Ear ear;
  const auto channels = static_cast<std::size_t>(reader.info().channels);
  Mono22k mono(channels, reader.info().sample_rate);
  Deinterleaver blocks(channels, FileReader::k_block_frames);
  for (std::span<const float> samples = reader.read(); !samples.empty(); samples = reader.read())
    while (blocks.take(samples)) ear.write(mono.write(blocks.block()));
  if (blocks.cut()) ear.write(mono.write(blocks.block()));
  ear.write(mono.finish());
  return {path, "file", 0, static_cast<double>(blocks.total_frames()) / reader.info().sample_rate,
          ear.finish()};
}

Heard hear_item(std::uint32_t index) {
  const corpus::Item item = corpus::make_item(index);
  Ear ear;
  ear.write(item.samples);
  return {fmt::format("{}", index), item.style, item.bpm,
          static_cast<double>(item.samples.size()) / corpus::k_rate, ear.finish()};
}

void print_evidence(const Heard& heard) {
  const Periodicity periodicity(heard.curves);
  const double loop = heard.seconds < k_longest_loop_seconds ? heard.seconds : 0;
  for (const TempoEvidence& e : gather_evidence(heard.curves, loop, periodicity))
    fmt::print(
        "{{\"item\":\"{}\",\"style\":\"{}\",\"truth\":{:.3f},\"bpm\":{:.3f},\"strength\":{:.5f},\"rise\":{:."
        "4f},"
        "\"comb\":{:.4f},\"on\":{:.4f},\"off\":{:.4f},\"quarter\":{:.4f},\"low_on\":{:.4f},"
        "\"low_off\":{:.4f},\"backbeat\":{:.4f},\"half_backbeat\":{:.4f},\"density\":{:.4f},\"loop\":{}}}\n",
        heard.name, heard.style, heard.truth, e.bpm, periodicity.comb(e.bpm), heard.curves.rise, e.comb, e.on,
        e.off, e.quarter, e.low_on, e.low_off, e.backbeat, e.half_backbeat, e.density, e.loop);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 3 && std::atoi(argv[2]) > 0) {
      const auto first = static_cast<std::uint32_t>(std::atoi(argv[1]));
      const auto count = static_cast<std::uint32_t>(std::atoi(argv[2]));
      for (std::uint32_t i = first; i < first + count; ++i) print_evidence(hear_item(i));
      return 0;
    }
    for (int i = 1; i < argc; ++i) print_evidence(hear_file(argv[i]));
  } catch (const kbeat::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
