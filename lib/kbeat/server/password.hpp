// Passwords and tokens, by libsodium: Argon2id, and randomness that cannot be guessed.
#pragma once

#include <string>
#include <string_view>

namespace kbeat::server {

/// Argon2id with 64 MiB, in the form that holds its own salt and limits. Takes about a tenth of a second.
/// Throws Error{internal} when there is no memory for it.
[[nodiscard]] std::string hash_password(std::string_view password);

/// In a time that does not tell how wrong it is. A hash that is none matches nothing.
[[nodiscard]] bool matches_password(const std::string& hash, std::string_view password);

/// 256 random bits, as text fit for a header.
[[nodiscard]] std::string make_token();

}  // namespace kbeat::server
