// Which HTTP statuses are final and which may pass.
#include "kbeat/net/http_status.hpp"

#include <catch2/catch.hpp>

using namespace kbeat;
using net::failure_of_status;

TEST_CASE("statuses that may pass are retryable and keep the server's wish", "[net]") {
  const long status = GENERATE(408L, 425L, 429L, 500L, 502L, 503L, 504L, 599L);
  const net::FetchFailure failure = failure_of_status(status, "http://h/a", Milliseconds{7000});
  CHECK(failure.error.retryable());
  CHECK(failure.error.code() == ErrorCode::unreachable);
  CHECK(failure.retry_after == Milliseconds{7000});
}

TEST_CASE("every other status is final", "[net]") {
  const long status = GENERATE(204L, 206L, 304L, 400L, 401L, 403L, 404L, 410L, 418L, 451L);
  const net::FetchFailure failure = failure_of_status(status, "http://h/a", Milliseconds{7000});
  CHECK_FALSE(failure.error.retryable());
  CHECK_FALSE(failure.retry_after.has_value());
}

TEST_CASE("a status that says the file is gone is not found", "[net]") {
  CHECK(failure_of_status(404, "http://h/a", {}).error.code() == ErrorCode::not_found);
  CHECK(failure_of_status(410, "http://h/a", {}).error.code() == ErrorCode::not_found);
  CHECK(failure_of_status(403, "http://h/a", {}).error.code() == ErrorCode::bad_input);
}

TEST_CASE("the message of a status names the place without its secrets", "[net]") {
  const net::FetchFailure failure = failure_of_status(404, "http://h/a.wav?token=secret", {});
  CHECK(std::string(failure.error.what()) == "http://h/a.wav?... answered with HTTP status 404");
}
