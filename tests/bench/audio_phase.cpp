// Prints what is heard on the beats of a corpus' items less what is heard half way between them, a JSON line
// an item: the input from which the weights of the beat's phase are learned. `audio_phase FIRST COUNT`.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <string>

#include "corpus.hpp"
#include "kbeat/audio/beat_phase.hpp"
#include "kbeat/audio/stft.hpp"

using namespace kbeat::audio;

namespace {

void print_evidence(std::uint32_t index) {
  const corpus::Item item = corpus::make_item(index);
  if (item.beats.size() < 8) return;
  OnsetExtractor onsets;
  ChromaExtractor chroma;
  Stft onset_stft(k_onset_size, k_onset_hop, [&](auto power, auto frames) { onsets.write(power, frames); });
  Stft chroma_stft(k_chroma_size, k_chroma_hop,
                   [&](auto power, auto frames) { chroma.write(power, frames); });
  for (Stft* stft : {&onset_stft, &chroma_stft}) {
    stft->write(item.samples);
    stft->finish();
  }
  const PhaseEvidence evidence = phase_evidence(item.beats, normalise(onsets.take()), chroma.take().frames);
  fmt::print("{{\"item\":{},\"style\":\"{}\",\"lead\":[{:.5f}]}}\n", index, item.style,
             fmt::join(evidence.values, ","));
}

}  // namespace

int main(int argc, char** argv) {
  const auto first = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const auto count = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 100);
  for (std::uint32_t i = first; i < first + count; ++i) print_evidence(i);
}
