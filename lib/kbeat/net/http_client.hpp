// Calls a URL with a method, headers and a body, guarded like a download: webhooks and registries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/net/download.hpp"

namespace kbeat::net {

/// What a body above HttpClientPolicy::max_answer means.
enum class LongAnswer {
  fails,  ///< Error{too_large}
  cut,    ///< the status counts: the body ends there, and so does the connection
};

struct HttpCall {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> headers;  ///< `Name: value`
  std::string body;                  ///< sent unless the method is GET
  SteadyTime deadline;
  std::stop_token stop;
  LongAnswer long_answer = LongAnswer::fails;
};

/// What the server said, whatever its status. Redirects are not followed.
struct HttpAnswer {
  long status = 0;
  std::string body;
  std::optional<Milliseconds> retry_after;
};

using HttpResult = std::variant<HttpAnswer, FetchFailure>;

struct HttpClientPolicy {
  Allowed private_addresses = Allowed::no;
  std::uint64_t max_answer = 1u << 20;  ///< bytes
  Milliseconds connect{5'000};
  std::string
      authorities{};  ///< a PEM file of whom a server's certificate may come from; empty: the system's
};

/// Safe to call from several threads; connections are used again.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// Comes back by the deadline, or within 200 ms of a request to stop. A failure is one of the connection or
  /// of what was refused beforehand.
  [[nodiscard]] virtual HttpResult call(const HttpCall& call) = 0;
};

/// Costs next to nothing: the network library is loaded by the first call.
[[nodiscard]] std::unique_ptr<HttpClient> open_http_client(const HttpClientPolicy& policy);

}  // namespace kbeat::net
