// Links over sockets: plain TCP, and TLS.
#pragma once

#include <memory>

#include "kbeat/server/asio_handles.hpp"
#include "kbeat/server/link.hpp"

namespace kbeat::server {

/// The socket is non-blocking, with a small send buffer, so that what a slow client does not take waits here,
/// where it is counted.
[[nodiscard]] std::shared_ptr<Link> make_plain_link(TcpSocket socket, std::string peer);

/// The context outlives the link.
[[nodiscard]] std::shared_ptr<Link> make_tls_link(TcpSocket socket, TlsContext& context, std::string peer);

}  // namespace kbeat::server
