// An interceptor that is told of each request and polls its socket.
#include "kbeat/transport/kafka/answer_wait.hpp"

#include <poll.h>

#include <array>
#include <string>

namespace kbeat::transport {
namespace {

constexpr const char* k_name = "kbeat";
constexpr std::int16_t k_produce_request = 0;
/// How long the end of a client may have to wait for a broker that is silent.
constexpr int k_longest_ms = 1000;

std::string value_of(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 64> value{};
  std::size_t size = value.size();
  return rd_kafka_conf_get(conf, name, value.data(), &size) == RD_KAFKA_CONF_OK ? value.data() : "";
}

rd_kafka_resp_err_t on_request_sent(rd_kafka_t* /*client*/, int socket, const char* /*broker*/,
                                    std::int32_t /*id*/, std::int16_t request, std::int16_t /*version*/,
                                    std::int32_t /*correlation*/, std::size_t /*size*/, void* /*opaque*/) {
  pollfd answer{socket, POLLIN, 0};
  if (request == k_produce_request) ::poll(&answer, 1, k_longest_ms);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/, void* /*opaque*/,
                           char* /*error*/, std::size_t /*error_size*/) {
  return rd_kafka_interceptor_add_on_request_sent(client, k_name, on_request_sent, nullptr);
}

}  // namespace

void wait_for_answers(rd_kafka_conf_t* conf) {
  const bool one_at_a_time = value_of(conf, "max.in.flight.requests.per.connection") == "1";
  const bool answered = value_of(conf, "enable.idempotence") == "true";  // so acks=all
  if (one_at_a_time && answered) rd_kafka_conf_interceptor_add_on_new(conf, k_name, on_new, nullptr);
}

}  // namespace kbeat::transport
