// The one place that knows every transport a user can choose.
#include "kbeat/transport/open.hpp"

#include "kbeat/transport/kafka/kafka_transport.hpp"
#include "kbeat/transport/log/open_log.hpp"

namespace kbeat::transport {

std::unique_ptr<Transport> open_transport(const config::TransportSettings& settings,
                                          const std::string& client_id, std::shared_ptr<TokenSource> tokens) {
  if (settings.choice == config::TransportChoice::kafka) {
    return std::make_unique<KafkaTransport>(settings.kafka, client_id, std::move(tokens));
  }
  return open_embedded_log(settings.data_dir);
}

std::unique_ptr<Transport> open_transport_to_look(const config::TransportSettings& settings,
                                                  const std::string& client_id,
                                                  std::shared_ptr<TokenSource> tokens) {
  if (settings.choice == config::TransportChoice::kafka)
    return open_transport(settings, client_id, std::move(tokens));
  return look_into_embedded_log(settings.data_dir);
}

}  // namespace kbeat::transport
