// From a token source into a client, errors included.
#include "kbeat/transport/kafka/token_refresh.hpp"

#include <fmt/format.h>

#include <array>

namespace kbeat::transport {

void TokenRefresh::prepare(rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, &TokenRefresh::refresh);
  rd_kafka_conf_enable_sasl_queue(conf, 1);
}

void TokenRefresh::begin(rd_kafka_t* client) {
  const ErrorHandle error(rd_kafka_sasl_background_callbacks_enable(client));
  if (!error) return;
  throw Error(ErrorCode::internal, fmt::format("OAUTHBEARER: tokens cannot be handed out: {}",
                                               rd_kafka_error_string(error.get())));
}

std::optional<Error> TokenRefresh::failure() const {
  const std::scoped_lock lock(m_mutex);
  if (m_failure || std::chrono::system_clock::now() < m_expires) return m_failure;
  return Error(ErrorCode::authentication,
               fmt::format("OAUTHBEARER: the token expired at {} and another is due", to_rfc3339(m_expires)),
               Retryable::yes);
}

void TokenRefresh::note(const Error& failure) {
  const std::scoped_lock lock(m_mutex);
  m_failure = failure;
}

void TokenRefresh::refresh(rd_kafka_t* client, const char* /*config*/, void* self) {
  auto& refresh = *static_cast<TokenRefresh*>(self);
  // No exception may cross librdkafka.
  try {
    refresh.hand_over(client);
  } catch (const Error& error) {
    refresh.note(error);
    rd_kafka_oauthbearer_set_token_failure(client, error.what());
  } catch (const std::exception& error) {
    refresh.note(Error(ErrorCode::internal, error.what()));
    rd_kafka_oauthbearer_set_token_failure(client, error.what());
  }
}

void TokenRefresh::hand_over(rd_kafka_t* client) {
  const Token token = m_source->token();
  std::vector<const char*> extensions;
  for (const auto& [name, value] : token.extensions) {
    extensions.push_back(name.c_str());
    extensions.push_back(value.c_str());
  }
  std::array<char, 512> reason{};
  const auto code = rd_kafka_oauthbearer_set_token(
      client, token.text.c_str(), token.expires.time_since_epoch().count(), token.principal.c_str(),
      extensions.data(), extensions.size(), reason.data(), reason.size());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    throw Error(ErrorCode::authentication,
                fmt::format("OAUTHBEARER: the token is refused: {}", reason.data()));
  }
  const std::scoped_lock lock(m_mutex);
  m_failure.reset();
  m_expires = token.expires;
}

}  // namespace kbeat::transport
