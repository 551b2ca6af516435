// Headers as one column.
#include "kbeat/store/header_bytes.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::store;

TEST_CASE("headers keep order, duplicates, nulls, empty names and any bytes", "[store]") {
  const std::vector<Header> headers{
      {"a", "1"}, {"a", std::nullopt}, {"", ""}, {std::string("\0\xff", 2), std::string(70'000, '\0')}};
  CHECK(decode_headers(encode_headers(headers)) == headers);
  CHECK(encode_headers({}).empty());
  CHECK(decode_headers("").empty());
}

TEST_CASE("damaged headers are an error, whatever is cut off or claimed", "[store]") {
  const std::vector<Header> headers{{"name", "value"}, {"n", std::nullopt}};
  const std::string bytes = encode_headers(headers);
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    CAPTURE(length);
    const std::string_view cut = std::string_view(bytes).substr(0, length);
    if (length == 17) {
      CHECK(decode_headers(cut).size() == 1);
    } else {
      CHECK_THROWS_AS(decode_headers(cut), Error);
    }
  }
  CHECK_THROWS_AS(decode_headers("\xfe\xff\xff\xff"), Error);
}
