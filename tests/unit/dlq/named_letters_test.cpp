// Ids of letters: what they name, and which of them named nothing.
#include "kbeat/dlq/named_letters.hpp"

#include <catch2/catch.hpp>

using namespace kbeat::dlq;

TEST_CASE("an id is a whole identity or the failed record's place at its end", "[dlq]") {
  CHECK(names_letter("c/g/t/0/1", "c/g/t/0/1"));
  CHECK(names_letter("t/0/1", "c/g/t/0/1"));
  CHECK_FALSE(names_letter("t/0/1", "c/g/at/0/1"));
  CHECK_FALSE(names_letter("t/0/1", "c/g/t/0/11"));
  CHECK_FALSE(names_letter("c/g/t/0/1", "t/0/1"));
  CHECK_FALSE(names_letter("", "c/g/t/0/1"));
}

TEST_CASE("ids that named no letter are told once and in their order", "[dlq]") {
  NamedLetters named({"t/0/9", "t/0/1", "x", "t/0/9"});
  named.found("c/g/t/0/1");
  named.found("c/h/t/0/1");
  named.found("c/g/t/0/2");
  CHECK(named.missing() == std::vector<std::string>{"t/0/9", "x"});
  named.found("c/g/x");
  CHECK(named.missing() == std::vector<std::string>{"t/0/9"});
}
