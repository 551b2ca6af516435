// States and sightings by identity.
#include "kbeat/dlq/letter_index.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace kbeat::dlq;

TEST_CASE("letters that nobody wrote down are open and unseen", "[dlq][index]") {
  const LetterIndex index;
  CHECK(index.state("a") == LetterState::open);
  CHECK_FALSE(index.was_seen("a"));
}

TEST_CASE("states and sightings stay apart and survive growth", "[dlq][index]") {
  LetterIndex index;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "c/g/t/0/" + std::to_string(i);
    if (i % 3 == 0) CHECK(index.set_state(id, LetterState::retried) == LetterState::open);
    if (i % 2 == 0) CHECK(index.see(id));
  }
  int wrong = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "c/g/t/0/" + std::to_string(i);
    const LetterState expected = i % 3 == 0 ? LetterState::retried : LetterState::open;
    if (index.state(id) != expected || index.was_seen(id) != (i % 2 == 0)) ++wrong;
  }
  CHECK(wrong == 0);
  CHECK_FALSE(index.see("c/g/t/0/0"));
  CHECK(index.set_state("c/g/t/0/0", LetterState::archived) == LetterState::retried);
}
