// Names by the grammar of RFC 9110, and those that belong to the request itself.
#include "kbeat/net/http_header.hpp"

#include <algorithm>
#include <array>

namespace kbeat::net {
namespace {

/// They frame the request, or say which event it is.
constexpr std::array<std::string_view, 5> k_ours{"content-length", "transfer-encoding", "host", "connection",
                                                 "idempotency-key"};

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token(std::string_view text) {
  constexpr std::string_view k_marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           k_marks.find(c) != std::string_view::npos;
  });
}

bool is_ours(std::string_view name) {
  return std::any_of(k_ours.begin(), k_ours.end(), [name](std::string_view ours) {
    return std::equal(name.begin(), name.end(), ours.begin(), ours.end(),
                      [](char a, char b) { return lower(a) == b; });
  });
}

}  // namespace

bool is_header_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

std::optional<std::string_view> fault_of_own_header(std::string_view name, std::string_view value) {
  if (!is_token(name)) return "is no name of a header: letters, digits and some marks, without spaces";
  if (is_ours(name)) return "is one that kbeat sets itself";
  if (!is_header_value(value)) return "has control characters";
  return std::nullopt;
}

}  // namespace kbeat::net
