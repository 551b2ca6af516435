// Scores the analysis on the synthesised corpus, style by style: tempo, beats, key, and what is claimed where
// there is nothing. `audio_corpus_score FIRST COUNT`.
#include <fmt/core.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <string>

#include "corpus.hpp"
#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/key.hpp"

namespace {

using namespace kbeat::audio;

struct Tally {
  double pieces = 0, with_tempo = 0, tempo_claimed = 0, acc1 = 0, acc2 = 0, beat_f = 0;
  double with_key = 0, key_claimed = 0, key_exact = 0, key_mirex = 0;

  void add(const Tally& other) {
    pieces += other.pieces, with_tempo += other.with_tempo, tempo_claimed += other.tempo_claimed;
    acc1 += other.acc1, acc2 += other.acc2, beat_f += other.beat_f, with_key += other.with_key;
    key_claimed += other.key_claimed, key_exact += other.key_exact, key_mirex += other.key_mirex;
  }
};

bool near(double found, double truth) {
  return std::abs(found - truth) <= 0.04 * truth;
}

/// F measure within 70 ms, leaving out the first 5 s of longer pieces.
double f_measure(const std::vector<double>& found, const std::vector<double>& truth) {
  const double from = !truth.empty() && truth.back() >= 20 ? 5 : 0;
  double hits = 0, n_found = 0, n_truth = 0;
  std::size_t j = 0;
  for (const double t : truth) n_truth += t >= from ? 1 : 0;
  for (const double f : found) n_found += f >= from ? 1 : 0;
  for (const double t : truth) {
    while (j < found.size() && found[j] < t - 0.07) ++j;
    if (t >= from && j < found.size() && found[j] <= t + 0.07) hits += 1, ++j;
  }
  return n_found + n_truth > 0 ? 2 * hits / (n_found + n_truth) : 0;
}

/// MIREX: 1 for the key, 0.5 a fifth above, 0.3 the relative, 0.2 the parallel.
double mirex(const corpus::Item& item, const std::string& found) {
  const auto is = [&](int tonic, bool minor) {
    return found == key_name({(item.tonic + tonic) % 12, minor});
  };
  if (is(0, item.minor)) return 1;
  if (is(7, item.minor)) return 0.5;
  if (is(item.minor ? 3 : 9, !item.minor)) return 0.3;
  return is(0, !item.minor) ? 0.2 : 0;
}

Tally score(const corpus::Item& item) {
  Analyzer analyzer(static_cast<int>(corpus::k_rate), 1, {});
  analyzer.write(item.samples);
  const CoreMetrics found = analyzer.finish().core;
  Tally out;
  out.pieces = 1;
  out.tempo_claimed = found.bpm ? 1 : 0;
  out.key_claimed = found.key ? 1 : 0;
  if (item.bpm > 0) {
    out.with_tempo = 1;
    for (const double factor : {1.0, 2.0, 3.0, 1.0 / 2, 1.0 / 3})
      if (found.bpm && near(*found.bpm, item.bpm * factor)) out.acc2 = 1;
    out.acc1 = found.bpm && near(*found.bpm, item.bpm) ? 1 : 0;
    out.beat_f = f_measure(found.beats, item.beats);
  }
  if (item.tonic >= 0) {
    out.with_key = 1;
    out.key_mirex = found.key ? mirex(item, *found.key) : 0;
    out.key_exact = out.key_mirex == 1 ? 1 : 0;
  }
  return out;
}

void print(const std::string& name, const Tally& t) {
  const auto share = [](double part, double whole) {
    return whole > 0 ? fmt::format("{:6.1f}", 100 * part / whole) : std::string("     -");
  };
  fmt::print("{:12} {:4} | tempo claimed {} Acc1 {} Acc2 {} F {} | key claimed {} exact {} MIREX {}\n", name,
             t.pieces, share(t.tempo_claimed, t.pieces), share(t.acc1, t.with_tempo),
             share(t.acc2, t.with_tempo), share(t.beat_f, t.with_tempo), share(t.key_claimed, t.pieces),
             share(t.key_exact, t.with_key), share(t.key_mirex, t.with_key));
}

}  // namespace

int main(int argc, char** argv) {
  const auto first = static_cast<std::uint32_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  const auto count = static_cast<std::uint32_t>(argc > 2 ? std::atoi(argv[2]) : 100);
  std::map<std::string, Tally> by_style;
  Tally all;
  for (std::uint32_t i = first; i < first + count; ++i) {
    const corpus::Item item = corpus::make_item(i);
    const Tally tally = score(item);
    by_style[item.style].add(tally);
    all.add(tally);
  }
  for (const auto& [style, tally] : by_style) print(style, tally);
  print("all", all);
}
