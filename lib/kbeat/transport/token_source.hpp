// The seam to whoever hands out the tokens of SASL OAUTHBEARER.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::transport {

struct Token {
  std::string text;
  std::string principal;  ///< whom it stands for
  WallTime expires;
  std::vector<std::pair<std::string, std::string>> extensions;  ///< told to the broker along with it
};

/// Safe to call from several threads.
class TokenSource {
 public:
  TokenSource() = default;
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;
  virtual ~TokenSource() = default;

  /// A token that is valid now. Takes seconds at most. Throws Error{authentication} when none is given, which
  /// is retryable when that may pass.
  [[nodiscard]] virtual Token token() = 0;
};

}  // namespace kbeat::transport
