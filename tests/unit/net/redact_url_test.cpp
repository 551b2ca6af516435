// What a message may show of a URL.
#include "kbeat/net/redact_url.hpp"

#include <catch2/catch.hpp>

using kbeat::net::redact_url;

TEST_CASE("credentials, query and fragment of a URL are not shown", "[net]") {
  CHECK(redact_url("https://user:secret@host/a.wav?token=x#y") == "https://host/a.wav?...");
  CHECK(redact_url("https://host/a.wav#y") == "https://host/a.wav?...");
  CHECK(redact_url("http://host:8080/a.wav") == "http://host:8080/a.wav");
  CHECK(redact_url("//user:secret@host/a") == "//host/a");
}

TEST_CASE("a URL that hides its credentials behind slashes is cut at its last @", "[net]") {
  CHECK(redact_url("http:///user:secret@host/") == "http://host/");
  CHECK(redact_url("mailto:user:secret@host") == "host");
}

TEST_CASE("a hostile URL is shown escaped and cut", "[net]") {
  CHECK(redact_url("http://h/\x1b[31m\r\n") == "http://h/\\x1b[31m\\x0d\\n");
  CHECK(redact_url("http://h/" + std::string(100'000, 'a')).size() < 300);
  CHECK(redact_url("").empty());
}
