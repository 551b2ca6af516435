// Keeps a token for all clients of a process until it has to be renewed.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "kbeat/transport/token_source.hpp"

namespace kbeat::access {

/// Renews a token after 70 % of its life: librdkafka asks after 80 %. While a new one is not to be had, the
/// old one serves as long as it is valid.
class CachedTokens final : public transport::TokenSource {
 public:
  /// The clock outlives it.
  CachedTokens(std::unique_ptr<transport::TokenSource> source, Clock& clock);

  [[nodiscard]] transport::Token token() override;

 private:
  std::unique_ptr<transport::TokenSource> m_source;
  Clock& m_clock;
  std::mutex m_mutex;  ///< guards what follows, and that one token is asked for at a time
  std::optional<transport::Token> m_token;
  WallTime m_renew_at;
};

}  // namespace kbeat::access
