// Opens the transport that the settings choose.
#pragma once

#include <memory>

#include "kbeat/config/settings.hpp"
#include "kbeat/transport/token_source.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::transport {

/// `client_id` is the default client.id (`kbeat-COMMAND`), `tokens` the source for OAUTHBEARER, or null.
/// Opens no connection yet.
[[nodiscard]] std::unique_ptr<Transport> open_transport(const config::TransportSettings& settings,
                                                        const std::string& client_id,
                                                        std::shared_ptr<TokenSource> tokens = nullptr);

/// The same to look at: an embedded log is opened read-only and not made; where there is none, nothing is in
/// it.
[[nodiscard]] std::unique_ptr<Transport> open_transport_to_look(
    const config::TransportSettings& settings, const std::string& client_id,
    std::shared_ptr<TokenSource> tokens = nullptr);

}  // namespace kbeat::transport
