// Which addresses a URL from outside may lead to: those of the public internet and no others.
#pragma once

#include <string>

struct sockaddr;

namespace kbeat::net {

/// False for private, loopback, link-local, multicast, reserved and documentation addresses (IANA's special
/// purpose registries), for IPv6 addresses that carry such an IPv4 one (mapped, NAT64, 6to4), and for every
/// family but IPv4 and IPv6.
[[nodiscard]] bool is_public_address(const sockaddr& address);

/// Decides over an address that is about to be connected to.
using AddressJudge = bool (*)(const sockaddr& address);

/// `192.0.2.1` or `2001:db8::1`, for messages.
[[nodiscard]] std::string address_text(const sockaddr& address);

}  // namespace kbeat::net
