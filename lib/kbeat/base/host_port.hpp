// Addresses as people write them: HOST:PORT.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kbeat {

struct HostPort {
  std::string host;  ///< an IPv6 address is without its brackets; empty: none was given
  int port = 0;
};

/// `HOST:PORT`, `[V6]:PORT` or `:PORT`, with a port of digits from 0 to 65535; nothing for any other text.
/// The C library takes a port modulo 65536, and blanks before it.
[[nodiscard]] std::optional<HostPort> parse_host_port(std::string_view text);

}  // namespace kbeat
