// Hands tokens to a librdkafka client whenever it asks for a new one.
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/kafka/handles.hpp"
#include "kbeat/transport/token_source.hpp"

namespace kbeat::transport {

/// The one thing of ours that runs on a thread of librdkafka's (its background thread): a client that waits
/// for a token is not polled by anybody, since calls such as the taking over of a transactional id block.
/// Outlives the client.
class TokenRefresh {
 public:
  explicit TokenRefresh(std::shared_ptr<TokenSource> source) : m_source(std::move(source)) {}
  TokenRefresh(const TokenRefresh&) = delete;
  TokenRefresh& operator=(const TokenRefresh&) = delete;

  /// Before the client is made.
  void prepare(rd_kafka_conf_t* conf);
  /// Afterwards; throws Error{internal} when the client refuses.
  static void begin(rd_kafka_t* client);

  /// Why there is no token that counts: none was given the last time, or it has expired meanwhile (as over
  /// the sleep of a machine); nothing otherwise.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  static void refresh(rd_kafka_t* client, const char* config, void* self);
  void hand_over(rd_kafka_t* client);
  void note(const Error& failure);

  std::shared_ptr<TokenSource> m_source;
  mutable std::mutex m_mutex;  ///< guards what follows
  std::optional<Error> m_failure;
  WallTime m_expires;
};

}  // namespace kbeat::transport
