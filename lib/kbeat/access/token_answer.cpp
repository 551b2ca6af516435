// JSON of endpoints and the claims of JSON Web Tokens (RFC 7519), read with simdjson.
#include "kbeat/access/token_answer.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::access {
namespace {

namespace dom = simdjson::dom;

constexpr Milliseconds k_life_unknown{300'000};
constexpr std::int64_t k_longest_life_s = 10LL * 365 * 86'400;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

/// b64token of RFC 6750, section 2.1.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
  });
}

/// A number, or a string that holds one: some endpoints quote it.
std::optional<std::int64_t> seconds_of(const dom::object& object, std::string_view name) {
  const auto field = object[name];
  std::string_view text;
  std::int64_t number = 0;
  double real = 0;
  if (field.get(number) == simdjson::SUCCESS) return number;
  if (field.get(real) == simdjson::SUCCESS) return static_cast<std::int64_t>(std::clamp(real, 0.0, 1e15));
  if (field.get(text) != simdjson::SUCCESS) return std::nullopt;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc{} && result.ptr == text.data() + text.size() ? std::optional(number)
                                                                             : std::nullopt;
}

std::string text_of(const dom::object& object, std::string_view name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

/// The JSON in the middle of a token `HEAD.CLAIMS.SIGNATURE`, or nothing when the token is none of that kind.
std::optional<std::string> claims_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = token.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
  std::string claims(token.substr(first + 1, second - first - 1));
  std::replace(claims.begin(), claims.end(), '-', '+');
  std::replace(claims.begin(), claims.end(), '_', '/');
  claims.append((4 - claims.size() % 4) % 4, '=');
  return decode_base64(claims);
}

}  // namespace

transport::Token read_token_answer(std::string_view answer, const std::string& who,
                                   const std::string& principal, WallTime now) {
  const std::string_view content = trimmed(answer);
  transport::Token token{
      .text = std::string(content), .principal = principal, .expires = {}, .extensions = {}};
  std::optional<std::int64_t> life_s;
  dom::parser parser;
  dom::object object;
  if (content.starts_with('{')) {
    if (parser.parse(content.data(), content.size()).get(object) != simdjson::SUCCESS) {
      throw Error(ErrorCode::authentication, fmt::format("{} answered with JSON that is broken", who));
    }
    token.text = text_of(object, "access_token");
    life_s = seconds_of(object, "expires_in");
  }
  if (!is_token(token.text)) {
    throw Error(ErrorCode::authentication,
                fmt::format("{} gave no token: wanted is one by itself, or JSON with access_token", who));
  }
  token.expires = now + (life_s ? Milliseconds{std::clamp<std::int64_t>(*life_s, 0, k_longest_life_s) * 1000}
                                : k_life_unknown);
  const auto claims = claims_of(token.text);
  if (claims && parser.parse(*claims).get(object) == simdjson::SUCCESS) {
    const auto expires_s = seconds_of(object, "exp");
    if (expires_s) {
      const WallTime by_claim{Milliseconds{std::clamp<std::int64_t>(*expires_s, 0, INT64_MAX / 1000) * 1000}};
      token.expires = life_s ? std::min(token.expires, by_claim) : by_claim;
    }
    if (std::string subject = text_of(object, "sub"); !subject.empty()) token.principal = std::move(subject);
  }
  if (token.expires <= now) {
    throw Error(ErrorCode::authentication, fmt::format("{} gave a token that has expired", who));
  }
  return token;
}

std::string refusal_text(std::string_view answer) {
  dom::parser parser;
  dom::object object;
  if (parser.parse(answer.data(), answer.size()).get(object) != simdjson::SUCCESS) return {};
  std::string error = text_of(object, "error");
  const std::string description = text_of(object, "error_description");
  if (!error.empty() && !description.empty()) error += ": ";
  return escape_for_terminal(error + description, 300);
}

}  // namespace kbeat::access
