// Scores are those of mir_eval, and keys are read however people write them.
#include "kbeat/audio/truth_score.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "mir_eval_values.hpp"

using namespace kbeat::audio;

TEST_CASE("beats score as mir_eval scores them", "[audio][score]") {
  for (const BeatCase& each : k_beat_cases) {
    CHECK(score_beats(each.truth, each.found) == Approx(each.f_measure).margin(1e-9));
  }
}

TEST_CASE("keys weigh as mir_eval weighs them", "[audio][score]") {
  for (const KeyCase& each : k_key_cases) {
    CAPTURE(each.truth, each.found);
    CHECK(score_key(*parse_key(each.truth), parse_key(each.found)) == each.weight);
  }
}

TEST_CASE("a tempo is right within 4 %, and related by small factors", "[audio][score]") {
  const auto is = [](TempoScore score, double acc1, double strict, double acc2) {
    return score.acc1 == acc1 && score.acc1_strict == strict && score.acc2 == acc2;
  };
  CHECK(is(score_tempo(100, 100.9), 1, 1, 1));
  CHECK(is(score_tempo(100, 104), 1, 0, 1));
  CHECK(is(score_tempo(100, 104.1), 0, 0, 0));
  CHECK(is(score_tempo(100, 50), 0, 0, 1));
  CHECK(is(score_tempo(90, 31), 0, 0, 1));
  CHECK(is(score_tempo(100, 150), 0, 0, 0));
  CHECK(is(score_tempo(100, {}), 0, 0, 0));
  CHECK(is(score_tempo(100, -100), 0, 0, 0));
}

TEST_CASE("short tracks keep the beats of their first seconds", "[audio][score]") {
  const std::vector<double> truth{0.5, 1, 1.5, 2};
  CHECK(score_beats(truth, truth) == 1);
  CHECK(score_beats(truth, {}) == 0);
  CHECK(score_beats({}, truth) == 0);
}

TEST_CASE("keys are read however they are written", "[audio][score]") {
  const auto reads = [](const char* text, int tonic, bool minor) {
    const auto key = parse_key(text);
    return key && key->tonic == tonic && key->minor == minor;
  };
  CHECK(reads("C major", 0, false));
  CHECK(reads("c#min", 1, true));
  CHECK(reads("Db", 1, false));
  CHECK(reads("Bbm", 10, true));
  CHECK(reads("F-sharp minor", 6, true));
  CHECK(reads(" Cb:maj", 11, false));
  CHECK(reads("E♭ Major", 3, false));
  CHECK(reads("B#", 0, false));
  for (const char* none : {"", "  ", "H major", "8A", "C dorian"}) CHECK_FALSE(parse_key(none));
}

TEST_CASE("an interval holds the mean and narrows with more values", "[audio][score]") {
  std::vector<double> few, many;
  for (int i = 0; i < 400; ++i) (i < 20 ? few : many).push_back(i % 4 == 0 ? 0 : 1);
  const auto wide = mean_with_interval(few), narrow = mean_with_interval(many);
  REQUIRE((wide && narrow));
  CHECK(wide->mean == Approx(0.75));
  // The normal interval of a share is mean ± 1.96·sqrt(p(1-p)/n).
  CHECK(narrow->low == Approx(0.75 - 1.96 * std::sqrt(0.75 * 0.25 / 380)).margin(0.01));
  CHECK(narrow->high == Approx(0.75 + 1.96 * std::sqrt(0.75 * 0.25 / 380)).margin(0.01));
  CHECK(wide->high - wide->low > 2 * (narrow->high - narrow->low));
  CHECK(mean_with_interval(few)->low == wide->low);
  CHECK_FALSE(mean_with_interval({}));
}
