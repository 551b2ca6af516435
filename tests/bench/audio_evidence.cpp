// Prints what the analysis hears in items of the corpus before it decides, a JSON line an item: the input
// from which train_audio.py learns. `audio_evidence FIRST COUNT`.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "corpus.hpp"
#include "kbeat/audio/beat_grid.hpp"
#include "kbeat/audio/beat_phase.hpp"
#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/key_evidence.hpp"
#include "kbeat/audio/stft.hpp"
#include "kbeat/audio/tempo.hpp"
#include "kbeat/audio/tempo_evidence.hpp"

namespace {

using namespace kbeat::audio;

struct Heard {
  OnsetTrack onsets;
  OnsetCurves curves;
  ChromaTrack harmony;
  double seconds = 0, head = 0, tail = 0;
};

Heard hear(const std::vector<float>& samples) {
  Heard heard;
  OnsetExtractor onsets;
  ChromaExtractor chroma;
  Stft onset_stft(k_onset_size, k_onset_hop, [&](auto power, auto frames) { onsets.write(power, frames); });
  Stft chroma_stft(k_chroma_size, k_chroma_hop,
                   [&](auto power, auto frames) { chroma.write(power, frames); });
  for (Stft* stft : {&onset_stft, &chroma_stft}) {
    stft->write(samples);
    stft->finish();
  }
  heard.onsets = onsets.take();
  heard.curves = normalise(heard.onsets);
  heard.harmony = chroma.take();
  const auto sounds = [](float x) { return std::abs(x) > 1e-3F; };
  heard.seconds = static_cast<double>(samples.size()) / corpus::k_rate;
  heard.head = static_cast<double>(std::find_if(samples.begin(), samples.end(), sounds) - samples.begin()) /
               corpus::k_rate;
  heard.tail =
      static_cast<double>(std::find_if(samples.rbegin(), samples.rend(), sounds) - samples.rbegin()) /
      corpus::k_rate;
  return heard;
}

std::string tempo_evidence(const Heard& heard) {
  const Periodicity periodicity(heard.curves);
  const auto evidence =
      gather_evidence(heard.curves, loop_length(heard.seconds, heard.head, heard.tail), periodicity);
  std::vector<std::string> rows;
  for (const TempoEvidence& e : evidence)
    rows.push_back(fmt::format("[{:.4f},{:.5f}]", e.bpm, fmt::join(tempo_features(e), ",")));
  return fmt::format("[{}],\"presence\":[{:.5f}]", fmt::join(rows, ","),
                     fmt::join(presence_features(evidence, heard.curves, periodicity), ","));
}

/// Median distance of the beats from the nearest true one, in beats.
double distance(const std::vector<double>& beats, const std::vector<double>& truth, double bpm) {
  std::vector<double> away;
  for (const double beat : beats) {
    double least = 1e9;
    for (const double t : truth) least = std::min(least, std::abs(beat - t));
    away.push_back(least * bpm / 60);
  }
  if (away.empty()) return 1;
  std::nth_element(away.begin(), away.begin() + static_cast<std::ptrdiff_t>(away.size() / 2), away.end());
  return away[away.size() / 2];
}

/// What speaks for each shift of the beats that are tracked at the true tempo, and which of them is right.
std::string phase_evidence_of(const corpus::Item& item, const Heard& heard) {
  if (item.bpm <= 0) return "null";
  const auto frames = track_beats(heard.curves.all, {0, heard.curves.frames()}, 60 * k_onset_rate / item.bpm);
  if (frames.size() < 5) return "null";
  const BeatGrid grid = make_grid(frames, {heard.head, heard.seconds - heard.tail});
  if (std::abs(grid.bpm - item.bpm) > 0.02 * item.bpm || grid.beats.size() < 4) return "null";
  std::vector<std::string> rows;
  for (const PhaseFeatures& e : phase_evidence(grid.beats, heard.curves, heard.harmony.frames))
    rows.push_back(fmt::format("[{:.5f}]", fmt::join(e, ",")));
  int answer = -1;
  double least = 0.1;
  for (std::size_t i = 0; i < k_phase_shifts.size(); ++i) {
    auto moved = grid.beats;
    shift_beats(moved, k_phase_shifts[i]);
    const double away = distance(moved, item.beats, item.bpm);
    if (away < least) least = away, answer = static_cast<int>(i);
  }
  return fmt::format("{{\"answer\":{},\"shifts\":[{}]}}", answer, fmt::join(rows, ","));
}

std::string key_evidence_of(const corpus::Item& item, const Heard& heard) {
  const auto evidence = gather_key_evidence(heard.harmony);
  if (!evidence) return "null";
  std::vector<std::string> rows;
  for (const KeyFeatures& features : evidence->keys)
    rows.push_back(fmt::format("[{:.5f}]", fmt::join(features, ",")));
  return fmt::format("{{\"answer\":{},\"keys\":[{}],\"presence\":[{:.5f}]}}",
                     item.tonic < 0 ? -1 : item.tonic + (item.minor ? 12 : 0), fmt::join(rows, ","),
                     fmt::join(evidence->presence, ","));
}

void print_evidence(std::uint32_t index) {
  const corpus::Item item = corpus::make_item(index);
  const Heard heard = hear(item.samples);
  fmt::print(
      "{{\"item\":{},\"style\":\"{}\",\"truth\":{:.4f},\"seconds\":{:.3f},\"tempo\":{},\"phase\":{},\"key\":{"
      "}}}\n",
      index, item.style, item.bpm, heard.seconds, tempo_evidence(heard), phase_evidence_of(item, heard),
      key_evidence_of(item, heard));
}

}  // namespace

int main(int argc, char** argv) {
  const auto first = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const auto count = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 100);
  for (std::uint32_t i = first; i < first + count; ++i) print_evidence(i);
}
