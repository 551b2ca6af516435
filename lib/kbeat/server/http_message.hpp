// Requests and responses as values, and the form of errors: RFC 9457 problem JSON.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kbeat/base/error.hpp"

namespace kbeat::server {

/// Names and values in the order of the message; names of headers are in lower case.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// The first value of that name.
[[nodiscard]] const std::string* find_field(const Fields& fields, std::string_view name);

/// Who asks, as far as a token tells.
enum class Role { nobody, read, ingest, admin };

struct Caller {
  std::string name = "anonymous";
  Role role = Role::nobody;
};

struct HttpRequest {
  std::string method;
  std::string path;  ///< percent-decoded, without the query
  Fields query;      ///< percent-decoded
  Fields headers;
  std::string body;
  std::string peer;  ///< the client's address
  bool keep_alive = true;
  std::vector<std::string> captures{};  ///< of the route's {names}, in order, percent-decoded
  std::string raw_path{};               ///< as it came, without the query: a %2F in it divides nothing
  Caller caller{};

  [[nodiscard]] std::string_view header(std::string_view name) const;
  /// Empty when it is absent.
  [[nodiscard]] std::string_view parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body{};
  Fields headers{};
};

/// The text with its escapes resolved; of a path that `parse_target` took.
[[nodiscard]] std::string percent_decoded(std::string_view text);

/// What a client wants of a target such as `/a%20b?x=1&y=`. False when an escape is broken or the path holds
/// a NUL.
[[nodiscard]] bool parse_target(std::string_view target, std::string& path, Fields& query);

/// ASCII letters only, as names of headers, media types and codings are compared.
[[nodiscard]] std::string lower_case(std::string_view text);

/// A parameter that is a switch; absent or empty: no. Throws Error{bad_input}.
[[nodiscard]] bool yes_or_no(const HttpRequest& request, std::string_view parameter);

[[nodiscard]] std::string_view reason_of(int status);

/// `{"type":"about:blank","title","status","detail"}`. `detail` may be any bytes.
[[nodiscard]] HttpResponse problem(int status, std::string_view detail);

/// As problem, asking to come again after so many seconds.
[[nodiscard]] HttpResponse problem_for_now(int status, std::string_view detail, int retry_after);

/// What an error of ours means to a client.
[[nodiscard]] HttpResponse problem_of(const Error& error);

enum class AfterResponse { keep_alive, close };

/// The response's bytes. For HEAD the body is counted and left out.
[[nodiscard]] std::string to_wire(const HttpResponse& response, AfterResponse after, bool head_only);

}  // namespace kbeat::server
