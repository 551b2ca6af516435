// Forms of single values.
#include "kbeat/config/parse_value.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/error.hpp"

using namespace kbeat;
using namespace kbeat::config;

namespace {

Given given(std::string_view text, Secrecy secrecy = Secrecy::open) {
  return {"the.setting", text, "environment THE_SETTING", "the form", secrecy};
}

}  // namespace

TEST_CASE("a refusal names setting, source, value and form, but no secret", "[config]") {
  CHECK_THROWS_WITH(parse_bool(given("perhaps")),
                    "the.setting (environment THE_SETTING): \"perhaps\" is neither; give the form");
  CHECK_THROWS_WITH(parse_bool(given("hunter2", Secrecy::secret)), !Catch::Contains("hunter2"));
}

TEST_CASE("switches are read in any case", "[config]") {
  for (const char* text : {"true", "TRUE", "yes", "On", "1"}) CHECK(parse_bool(given(text)));
  for (const char* text : {"false", "No", "off", "0"}) CHECK_FALSE(parse_bool(given(text)));
  CHECK_THROWS_AS(parse_bool(given("")), Error);
}

TEST_CASE("numbers are whole text, within bounds", "[config]") {
  CHECK(parse_whole(given("10"), 1, 10) == 10);
  for (const char* text : {"", "11", "0", "-1", "1e3", "10 ", "0x1", "99999999999999999999", "NaN"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_whole(given(text), 1, 10), Error);
  }
  CHECK(parse_fraction(given("0.25"), 0, 1) == Approx(0.25));
  for (const char* text : {"nan", "inf", "1e9999", "1.1", "-0.1"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_fraction(given(text), 0, 1), Error);
  }
}

TEST_CASE("spans need a known unit and an end", "[config]") {
  CHECK(parse_span(given("3000")) == Milliseconds{3000});
  CHECK(parse_span(given("2h")) == Milliseconds{7'200'000});
  for (const char* text : {"", "soon", "-5s", "10 s", "5w", "1e9s", "99999999999999999d", "1.2.3s", "."}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_span(given(text)), Error);
  }
}

TEST_CASE("brokers come as a comma list or a JSON list", "[config]") {
  using List = std::vector<std::string>;
  CHECK(parse_brokers(given("a, b:1 ,[::1]:9093")) == List{"a:9092", "b:1", "[::1]:9093"});
  CHECK(parse_brokers(given(R"( ["a:1", "b:2"] )")) == List{"a:1", "b:2"});
  CHECK(parse_brokers(given("[::1]")) == List{"[::1]:9092"});
  CHECK(parse_brokers(given(R"("a:1,b")")) == List{"a:1", "b:9092"});
  for (const char* text : {"", ",", "a,,b", "http://a:1", "a:0", "a:65536", "a:b", ":9092", "a b", "::1",
                           "[::1", "[]", R"(["a",1])", R"(["a")", "a/b"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_brokers(given(text)), Error);
  }
}

TEST_CASE("a URL with a login passes only where one is allowed, and is never repeated", "[config]") {
  CHECK(parse_url(given("https://host:81/path?token=x@y")) == "https://host:81/path?token=x@y");
  CHECK(parse_url(given("")).empty());
  for (const char* text : {"ftp://u:hunter2@host/", "host", "http://u:hunter2@host/", "http://hunter2@host",
                           "https://h@i\\j@k/"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_url(given(text)), !Catch::Contains("hunter2"));
  }
  CHECK(parse_url(given("https://u:p@host"), Login::allowed) == "https://u:p@host");
  CHECK_THROWS_WITH(parse_url(given("ftp://u:hunter2@host"), Login::allowed), !Catch::Contains("hunter2"));
  CHECK_THROWS_WITH(parse_url(given("ftp://host"), Login::allowed), Catch::Contains("ftp://host"));
}

TEST_CASE("a URL that leads nowhere is refused", "[config]") {
  for (const char* text :
       {"http://", "http:///path", "http://:80", "https://?x", "https://#", "http://[]:80/", "http://h:x",
        "http://h:65536/", "http://h:-1", "http://a b/", "http://a/\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_url(given(text)), Error);
    CHECK_THROWS_AS(parse_url(given(text), Login::allowed), Error);
  }
  CHECK_THROWS_WITH(parse_url(given("http://u:hunter2@"), Login::allowed),
                    Catch::Contains("names no host") && !Catch::Contains("hunter2"));
  for (const char* text : {"http://h", "http://h:/", "https://[::1]:65535/x?y=:z", "http://h/a:b@c"})
    CHECK(parse_url(given(text)) == text);
  CHECK(parse_url(given("http://u:p@h:80/"), Login::allowed) == "http://u:p@h:80/");
}
