// Untrusted bytes made fit for terminals, logs and JSON.
#include "kbeat/base/escape.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace kbeat;

TEST_CASE("control characters, bidi marks and broken UTF-8 are shown escaped", "[base][escape]") {
  CHECK(escape_for_terminal("a\x1b[31mb") == "a\\x1b[31mb");
  CHECK(escape_for_terminal("\x7f") == "\\x7f");
  CHECK(escape_for_terminal("\xc2\x9b") == "\\u{009b}");
  CHECK(escape_for_terminal("\xe2\x80\xae") == "\\u{202e}");
  CHECK(escape_for_terminal("\xff\xfe") == "\\xff\\xfe");
  CHECK(escape_for_terminal("línea\n") == "línea\\n");
  CHECK(escape_for_terminal("abcdef", 3) == "abc…");
}

TEST_CASE("lines for a terminal keep their form and lose what steers it", "[base][escape]") {
  CHECK(escape_steering("{\"a\":\"\xe2\x80\xa6\xc3\xa4\"}\n\t") == "{\"a\":\"\xe2\x80\xa6\xc3\xa4\"}\n\t");
  CHECK(escape_steering("\x1b[2J\x7f\r") == "\\u001b[2J\\u007f\\u000d");
  CHECK(escape_steering("\xc2\x9b\xe2\x80\xae") == "\\u009b\\u202e");
  CHECK(escape_steering("\x9b") == "\\x9b");
}

TEST_CASE("JSON strings escape quotes, backslashes and control characters", "[base][escape]") {
  std::string out;
  append_json_string(out, "a\"b\\c\n\x01\x7fé");
  CHECK(out == "\"a\\\"b\\\\c\\n\\u0001\\u007fé\"");
}

TEST_CASE("cleaning replaces broken bytes and cuts at a character's edge", "[base][escape]") {
  CHECK(clean_utf8("a\xff"
                   "b",
                   100) ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(clean_utf8("éé", 3) == "é");
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));
  CHECK(is_utf8("€"));
}

TEST_CASE("a JSON string of any length and with any ASCII byte at any place is what a parser reads",
          "[base][escape]") {
  std::string text;
  for (std::size_t length = 0; length < 40; ++length) {
    for (int byte = 0; byte < 0x80; ++byte) {
      for (std::size_t at = 0; at < length; ++at) {
        text.assign(length, 'x');
        text[at] = static_cast<char>(byte);
        std::string json;
        append_json_string(json, text);
        REQUIRE(nlohmann::json::parse(json).get<std::string>() == text);
      }
    }
  }
}

TEST_CASE("a JSON string may be longer than is written at once", "[base][escape]") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "\"\n\x01 plain é \\";
  std::string json = "before";
  append_json_string(json, text);
  CHECK(nlohmann::json::parse(json.substr(6)).get<std::string>() == text);
}
