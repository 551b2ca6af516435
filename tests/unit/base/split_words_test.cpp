// Commands as words.
#include "kbeat/base/split_words.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using kbeat::split_words;
using Words = std::vector<std::string>;

TEST_CASE("a command is split at blanks that no quote keeps", "[base]") {
  CHECK(split_words("a  b\tc\n") == Words{"a", "b", "c"});
  CHECK(split_words("a 'b  \"c\\' d\"e f\"'g'") == Words{"a", "b  \"c\\", "de fg"});
  CHECK(split_words("a\\ b \"c\\\"d\" ''") == Words{"a b", "c\"d", ""});
  CHECK(split_words("$HOME `id` $(id) *") == Words{"$HOME", "`id`", "$(id)", "*"});
  CHECK(split_words(" ").empty());
}

TEST_CASE("a command with an open quote is refused", "[base]") {
  CHECK_THROWS_AS(split_words("a 'b"), kbeat::Error);
  CHECK_THROWS_AS(split_words("a \"b"), kbeat::Error);
  CHECK_THROWS_AS(split_words("a\\"), kbeat::Error);
}
