// Passwords and tokens, by libsodium: Argon2id, and randomness that cannot be guessed.
#include "kbeat/server/password.hpp"

#include <sodium.h>

#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"

namespace kbeat::server {
namespace {

void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) throw Error(ErrorCode::internal, "cannot start libsodium");
}

}  // namespace

std::string hash_password(std::string_view password) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
    throw Error(ErrorCode::internal, "no memory to hash a password", Retryable::yes);
  }
  return text.data();
}

bool matches_password(const std::string& hash, std::string_view password) {
  start_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (hash.size() >= text.size()) return false;
  hash.copy(text.data(), hash.size());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

std::string make_token() {
  start_sodium();
  std::array<char, 32> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex({bytes.data(), bytes.size()});
}

}  // namespace kbeat::server

extern "C" void kbeat_hash_password(std::string_view password, std::string& hash) {
  hash = kbeat::server::hash_password(password);
}
