// Tokens from a helper program.
#pragma once

#include <string>
#include <vector>

#include "kbeat/transport/token_source.hpp"

namespace kbeat::access {

/// Runs a command, without a shell, for each token: it prints one, or the JSON of a token endpoint.
class ProgramTokens final : public transport::TokenSource {
 public:
  /// Throws Error{configuration} for a command that cannot be split into words. The clock outlives it.
  ProgramTokens(const std::string& command, std::string principal, Clock& clock);

  [[nodiscard]] transport::Token token() override;

 private:
  std::vector<std::string> m_words;
  std::string m_principal;
  Clock& m_clock;
};

}  // namespace kbeat::access
