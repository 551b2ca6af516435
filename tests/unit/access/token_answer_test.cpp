// What endpoints and helper programs answer, and what is made of it.
#include "kbeat/access/token_answer.hpp"

#include <catch2/catch.hpp>

#include "kbeat/base/base64.hpp"
#include "support/thrown.hpp"

using namespace kbeat;
using namespace kbeat::access;

namespace {

const WallTime k_now{Milliseconds{1'700'000'000'000}};

transport::Token read(const std::string& answer) {
  return read_token_answer(answer, "the endpoint", "client", k_now);
}

/// A token of three parts whose middle holds the claims, without padding as RFC 7515 has it.
std::string jwt(const std::string& claims) {
  std::string middle;
  append_base64(middle, claims);
  middle.erase(middle.find_last_not_of('=') + 1);
  return "e30." + middle + ".c2ln";
}

}  // namespace

TEST_CASE("a token endpoint's answer gives the token and its life", "[access]") {
  const auto token = read(R"({"access_token":"abc.def","token_type":"Bearer","expires_in":3600})");
  CHECK(token.text == "abc.def");
  CHECK(token.principal == "client");
  CHECK(token.expires == k_now + std::chrono::hours{1});
  CHECK(read(R"({"access_token":"a","expires_in":"60"})").expires == k_now + std::chrono::minutes{1});
}

TEST_CASE("a token by itself tells its life and whom it stands for when it is a JWT", "[access]") {
  const auto token = read(jwt(R"({"sub":"ann","exp":1700000100})") + "\n");
  CHECK(token.principal == "ann");
  CHECK(token.expires == k_now + std::chrono::seconds{100});
  CHECK(read("opaque-1").expires == k_now + std::chrono::minutes{5});
}

TEST_CASE("the earlier of two ends counts", "[access]") {
  const std::string token = jwt(R"({"sub":"ann","exp":1700000100})");
  CHECK(read(R"({"expires_in":3600,"access_token":")" + token + R"("})").expires ==
        k_now + std::chrono::seconds{100});
  CHECK(read(R"({"expires_in":30,"access_token":")" + token + R"("})").expires ==
        k_now + std::chrono::seconds{30});
}

TEST_CASE("an answer without a token is refused and not quoted", "[access]") {
  const std::string expired = jwt(R"({"exp":1600000000})");
  for (const std::string& answer :
       {std::string(), std::string("{\"access_token\":42}"), std::string("{broken-canary"),
        std::string("two words-canary"), std::string("{\"error\":\"canary\"}"), expired}) {
    const auto error = test::thrown_by([&] { static_cast<void>(read(answer)); });
    INFO(answer);
    REQUIRE(error);
    CHECK(error->code() == ErrorCode::authentication);
    CHECK(std::string(error->what()).starts_with("the endpoint"));
    CHECK(std::string(error->what()).find("canary") == std::string::npos);
  }
}

TEST_CASE("a refusal is told in the endpoint's words", "[access]") {
  CHECK(refusal_text(R"({"error":"invalid_client","error_description":"no such\u001b client"})") ==
        "invalid_client: no such\\x1b client");
  CHECK(refusal_text("<html>").empty());
}
