// What is claimed, and what is not, on pieces that the training never saw.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "corpus.hpp"
#include "kbeat/audio/analyze.hpp"

using namespace kbeat::audio;

namespace {

/// The first item that no training used; styles take turns from it on.
constexpr std::uint32_t k_unseen = 10'000;

/// `count` pieces of a style from an index on.
std::vector<corpus::Item> pieces_of(const std::string& style, std::size_t count,
                                    std::uint32_t from = k_unseen) {
  std::vector<corpus::Item> found;
  for (std::uint32_t i = from; found.size() < count && i < from + k_unseen; ++i) {
    if (corpus::style_of(i) == style) found.push_back(corpus::make_item(i));
  }
  REQUIRE(found.size() == count);
  return found;
}

CoreMetrics measure(const corpus::Item& item) {
  Analyzer analyzer(static_cast<int>(corpus::k_rate), 1, {});
  analyzer.write(item.samples);
  return analyzer.finish().core;
}

bool right(const CoreMetrics& found, const corpus::Item& item) {
  return found.bpm && std::abs(*found.bpm - item.bpm) <= 0.04 * item.bpm;
}

}  // namespace

TEST_CASE("speech, noise, ambience, stray hits and single ones are given no tempo", "[audio][corpus]") {
  int claimed = 0;
  for (const char* style :
       {"noise", "ambient", "babble", "sparse", "oneshot", "drone", "rain", "rubato", "wind"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) claimed += measure(item).bpm ? 1 : 0;
  }
  CHECK(claimed <= 1);  // of 36
}

TEST_CASE("birds and a crowd, which no training heard, are given no tempo", "[audio][corpus]") {
  int claimed = 0;
  for (const char* style : {"birds", "crowd"}) {
    for (const corpus::Item& item : pieces_of(style, 5, corpus::k_reserved_from))
      claimed += measure(item).bpm ? 1 : 0;
  }
  CHECK(claimed <= 1);  // of 10
}

TEST_CASE("drums alone are given no key", "[audio][corpus]") {
  int claimed = 0;
  for (const char* style : {"drumloop", "breakloop", "clubloop", "hatloop", "dnbloop", "percussion"}) {
    for (const corpus::Item& item : pieces_of(style, 5)) claimed += measure(item).key ? 1 : 0;
  }
  CHECK(claimed <= 2);  // of 30
}

TEST_CASE("most pieces of styles that no training heard have their tempo", "[audio][corpus]") {
  int kept = 0, octave = 0, pieces = 0;
  for (std::uint32_t i = corpus::k_reserved_from; i < corpus::k_reserved_from + 30; ++i) {
    const corpus::Item item = corpus::make_item(i);
    if (item.bpm <= 0) continue;
    const CoreMetrics found = measure(item);
    ++pieces;
    kept += right(found, item) ? 1 : 0;
    for (const double factor : {0.5, 1.0, 2.0})
      octave += found.bpm && std::abs(*found.bpm - factor * item.bpm) <= 0.04 * factor * item.bpm ? 1 : 0;
  }
  CHECK(pieces == 26);
  CHECK(kept >= 23);
  CHECK(octave >= 25);
}

TEST_CASE("half-time trap, drum'n'bass, twelve-eight and four on the floor keep the octave of their tempo",
          "[audio][corpus]") {
  int kept = 0;
  for (const char* style : {"trap", "drumnbass", "shuffle", "jig", "house"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) kept += right(measure(item), item) ? 1 : 0;
  }
  CHECK(kept >= 18);  // of 20
}

TEST_CASE("loops of whole beats have the tempo that makes them so", "[audio][corpus]") {
  int kept = 0;
  for (const char* style : {"clubloop", "drumloop", "samplepack"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) kept += right(measure(item), item) ? 1 : 0;
  }
  CHECK(kept >= 10);  // of 12
}
