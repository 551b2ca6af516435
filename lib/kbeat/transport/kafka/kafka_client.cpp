// Makes the client, sorts its error events and words the reasons.
#include "kbeat/transport/kafka/kafka_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <limits>
#include <thread>

#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/transport/kafka/answer_wait.hpp"
#include "kbeat/transport/kafka/kafka_conf.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_facts.hpp"

namespace kbeat::transport {
namespace {

constexpr int k_events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_LOG |
                         RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT;

// Lines written before the client has its log queue would otherwise go to stderr.
void drop_line(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/, const char* /*text*/) {}

std::string value_of(const Properties& properties, std::string_view name) {
  const auto found = std::find_if(properties.rbegin(), properties.rend(),
                                  [&](const auto& property) { return property.first == name; });
  return found == properties.rend() ? std::string{} : found->second;
}

ClientHandle new_client(rd_kafka_type_t type, const Properties& properties, const Secrets& secrets,
                        TokenRefresh* tokens) {
  ConfHandle conf(new_conf(properties));
  if (tokens != nullptr) tokens->prepare(conf.get());
  if (type == RD_KAFKA_PRODUCER) wait_for_answers(conf.get());
  rd_kafka_conf_set_events(conf.get(), k_events);
  rd_kafka_conf_set_log_cb(conf.get(), drop_line);
  std::array<char, 512> reason{};
  ClientHandle client(rd_kafka_new(type, conf.get(), reason.data(), reason.size()));
  if (!client) {
    const std::string why = secrets.hide(escape_for_terminal(reason.data(), 400));
    // Threads that cannot be started, or not in time, say nothing about the properties.
    if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE) {
      throw Error(ErrorCode::busy,
                  fmt::format("Kafka's client could not be started on this machine: {}", why),
                  Retryable::yes);
    }
    throw Error(ErrorCode::configuration,
                fmt::format("Kafka's properties do not fit together: {}; -X dump shows them", why));
  }
  static_cast<void>(conf.release());  // the client's now
  if (tokens != nullptr) TokenRefresh::begin(client.get());
  return client;
}

QueueHandle queue_of(rd_kafka_t* client, rd_kafka_type_t type, bool member) {
  rd_kafka_set_log_queue(client, nullptr);
  if (type == RD_KAFKA_PRODUCER || !member) return QueueHandle(rd_kafka_queue_get_main(client));
  // Errors and log lines come with the records, so that one poll serves all.
  rd_kafka_poll_set_consumer(client);
  return QueueHandle(rd_kafka_queue_get_consumer(client));
}

/// Without "(after 3ms in state CONNECT, 4 identical error(s) suppressed)".
std::string_view without_tail(std::string_view reason) {
  return reason.substr(0, reason.find(" (after "));
}

/// Brokers that check the server's nonce (CVE-2024-56128: Kafka 3.7.2, 3.8.1, 3.9 and later) refuse the SCRAM
/// of librdkafka before 2.6.1 whatever the password.
std::string_view scram_hint(std::string_view reason) {
  const bool too_old = rd_kafka_version() < k_rdkafka_2_6_1 && reason.find("SCRAM") != std::string_view::npos;
  return too_old ? " (brokers from Kafka 3.7.2 on refuse the SCRAM of librdkafka before 2.6.1: use another "
                   "mechanism, or a newer librdkafka)"
                 : "";
}

bool blames_certificate(rd_kafka_resp_err_t code, std::string_view reason) {
  return code == RD_KAFKA_RESP_ERR__SSL && reason.find("certificate") != std::string_view::npos;
}

}  // namespace

KafkaClient::KafkaClient(rd_kafka_type_t type, const ClientParts& parts)
    : m_secrets(parts.properties),
      m_brokers(value_of(parts.properties, "bootstrap.servers")),
      m_tokens(parts.tokens ? std::make_shared<TokenRefresh>(parts.tokens) : nullptr),
      m_client(new_client(type, parts.properties, m_secrets, m_tokens.get())),
      m_queue(queue_of(m_client.get(), type, !value_of(parts.properties, "group.id").empty())) {}

KafkaClient::~KafkaClient() {
  m_queue.reset();
  std::promise<void> ended;
  const std::future<void> end = ended.get_future();
  // A thread that may be left behind: some ends never come, and the process must not wait for them.
  std::thread([tokens = m_tokens, client = std::move(m_client), ended = std::move(ended)]() mutable {
    client.reset();
    tokens.reset();
    ended.set_value();
  }).detach();
  if (end.wait_for(m_end_limit) == std::future_status::timeout)
    log_debug("librdkafka did not end a client in time");
}

void KafkaClient::note_topic_gone() {
  constexpr Milliseconds k_short{1000};
  m_end_limit = k_short;
}

EventHandle KafkaClient::poll(Milliseconds timeout) {
  return EventHandle(rd_kafka_queue_poll(m_queue.get(), to_int(timeout)));
}

std::optional<Error> KafkaClient::absorb(rd_kafka_event_t& event) {
  if (rd_kafka_event_type(&event) == RD_KAFKA_EVENT_LOG) m_log.forward(event, m_secrets);
  if (rd_kafka_event_type(&event) != RD_KAFKA_EVENT_ERROR) return std::nullopt;
  const auto code = rd_kafka_event_error(&event);
  const char* text = rd_kafka_event_error_string(&event);
  const std::string reason = m_secrets.hide(without_tail(text != nullptr ? text : rd_kafka_err2str(code)));
  if (code == RD_KAFKA_RESP_ERR__FATAL) return m_fatal = fatal_error();
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
    m_all_down = true;
    return unreachable("");
  }
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || blames_certificate(code, reason))
    return refusal(code, reason);
  if (is_connectivity(code) || code == RD_KAFKA_RESP_ERR__SSL) {
    m_trouble = reason;
    log_debug("Kafka: {}", reason);
    return std::nullopt;
  }
  return to_error(code, "Kafka", reason);
}

/// Who refuses, and whether for good: a token endpoint that is away may come back.
std::optional<Error> KafkaClient::refusal(rd_kafka_resp_err_t code, const std::string& reason) {
  const std::optional<Error> no_token = m_tokens ? m_tokens->failure() : std::nullopt;
  if (no_token && no_token->retryable()) {
    m_trouble = no_token->what();
    return no_token;
  }
  if (no_token) return m_refused = no_token;
  return m_refused = to_error(code, fmt::format("connecting to Kafka at {}", m_brokers),
                              fmt::format("{}{}", reason, scram_hint(reason)));
}

void KafkaClient::absorb_waiting() {
  while (const EventHandle event = poll(Milliseconds{0})) {
    if (const auto told = absorb(*event)) log_debug("{}", told->what());
  }
}

Error KafkaClient::error(rd_kafka_resp_err_t code, std::string_view doing) const {
  if (m_refused && is_connectivity(code)) return *m_refused;
  if (m_fatal) return *m_fatal;
  // A call can come back with it before the event that says why.
  const bool broken = code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN;
  if (broken || (is_connectivity(code) && !m_trouble.empty())) return unreachable(doing);
  return to_error(code, doing);
}

Error KafkaClient::error(const rd_kafka_error_t& failure, std::string_view doing) const {
  const auto code = rd_kafka_error_code(&failure);
  if (is_connectivity(code) && (m_refused || !m_trouble.empty())) return error(code, doing);
  return to_error(failure, doing);
}

Error KafkaClient::unreachable(std::string_view doing) const {
  if (m_refused) return *m_refused;
  const bool handshake = m_trouble.find("SSL handshake failed") != std::string::npos ||
                         m_trouble.find("SSL routines") != std::string::npos;  // the end came within it
  return {ErrorCode::unreachable,
          fmt::format("{}{}no broker answers at {}{}{}; {}", doing,
                      doing.empty() ? "" : " failed: ", m_brokers, m_trouble.empty() ? "" : ": ", m_trouble,
                      handshake ? "check that this listener speaks TLS (KAFKA_SECURITY_PROTOCOL)"
                                : "check the address and that Kafka runs"),
          Retryable::yes};
}

Error KafkaClient::fatal_error() const {
  std::array<char, 512> reason{};
  const auto code = rd_kafka_fatal_error(m_client.get(), reason.data(), reason.size());
  const Error plain = to_error(code, "the Kafka client", m_secrets.hide(reason.data()));
  const ErrorCode kind = plain.code() == ErrorCode::fenced ? ErrorCode::fenced : ErrorCode::internal;
  return {kind, fmt::format("{}; a new one is needed", plain.what())};
}

int to_int(Milliseconds duration) {
  return static_cast<int>(std::clamp<std::int64_t>(duration.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace kbeat::transport
