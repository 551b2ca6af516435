// SHA-256 by libcrypto, with one digest context a thread.
#include "kbeat/base/hash.hpp"

#include <openssl/evp.h>

#include <new>

#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"

namespace kbeat {
namespace {

/// A context that has fetched its algorithm once: fetching costs more than hashing a small record.
EVP_MD_CTX* thread_context() {
  thread_local const Handle<EVP_MD, EVP_MD_free> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  thread_local const Handle<EVP_MD_CTX, EVP_MD_CTX_free> context = [] {
    Handle<EVP_MD_CTX, EVP_MD_CTX_free> made(EVP_MD_CTX_new());
    if (!made || !algorithm || EVP_DigestInit_ex2(made.get(), algorithm.get(), nullptr) != 1) {
      throw Error(ErrorCode::internal, "libcrypto offers no SHA-256");
    }
    return made;
  }();
  return context.get();
}

}  // namespace

Digest sha256_digest(std::string_view bytes) {
  Digest digest;
  unsigned length = 0;
  EVP_MD_CTX* context = thread_context();
  const bool hashed =
      EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
      EVP_DigestFinal_ex(context, reinterpret_cast<unsigned char*>(digest.bytes.data()), &length) == 1;
  // All that an algorithm once fetched can still fail of is memory: libcrypto allocates at every start.
  if (!hashed || length != digest.bytes.size()) throw std::bad_alloc();
  return digest;
}

std::string sha256(std::string_view bytes) {
  return std::string(sha256_digest(bytes).view());
}

std::string to_hex(std::string_view bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

}  // namespace kbeat
