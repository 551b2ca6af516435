// Reads what a token endpoint or a helper program answers.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/transport/token_source.hpp"

namespace kbeat::access {

/// A JSON object with `access_token` and, if need be, `expires_in` (RFC 6749, section 5.1), or a token by
/// itself. What the answer leaves open is taken from the token when it is a JWT (`exp`, `sub`); after that,
/// `principal` is the one given and the token counts for five minutes. Throws Error{authentication} whose
/// message begins with `who` and holds nothing of the token.
[[nodiscard]] transport::Token read_token_answer(std::string_view answer, const std::string& who,
                                                 const std::string& principal, WallTime now);

/// What an endpoint says about a refusal: its `error` and `error_description`, or empty.
[[nodiscard]] std::string refusal_text(std::string_view answer);

}  // namespace kbeat::access
