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

/// `count` unseen pieces of a style.
std::vector<corpus::Item> pieces_of(const std::string& style, std::size_t count) {
  std::vector<corpus::Item> found;
  for (std::uint32_t i = k_unseen; found.size() < count && i < 2 * k_unseen; ++i) {
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
  for (const char* style : {"noise", "ambient", "babble", "sparse", "oneshot"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) claimed += measure(item).bpm ? 1 : 0;
  }
  CHECK(claimed <= 1);  // of 20
}

TEST_CASE("drums alone are given no key", "[audio][corpus]") {
  int claimed = 0;
  for (const char* style : {"drumloop", "breakloop", "clubloop", "hatloop"}) {
    for (const corpus::Item& item : pieces_of(style, 5)) claimed += measure(item).key ? 1 : 0;
  }
  CHECK(claimed <= 2);  // of 20
}

TEST_CASE("half-time drums, shuffles and four on the floor keep the octave of their tempo",
          "[audio][corpus]") {
  int kept = 0;
  for (const char* style : {"trap", "shuffle", "house"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) kept += right(measure(item), item) ? 1 : 0;
  }
  CHECK(kept >= 11);  // of 12
}

TEST_CASE("loops of whole beats have the tempo that makes them so", "[audio][corpus]") {
  int kept = 0;
  for (const char* style : {"clubloop", "drumloop", "samplepack"}) {
    for (const corpus::Item& item : pieces_of(style, 4)) kept += right(measure(item), item) ? 1 : 0;
  }
  CHECK(kept >= 10);  // of 12
}
