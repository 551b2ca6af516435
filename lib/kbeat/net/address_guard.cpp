// The table of blocked networks and the look inside addresses that carry another.
#include "kbeat/net/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace kbeat::net {
namespace {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

struct Network4 {
  V4 prefix;
  unsigned bits;
};

struct Network6 {
  std::array<std::uint16_t, 8> prefix;
  unsigned bits;
};

// RFC 6890 and the registries that it founded.
constexpr std::array k_blocked4{
    Network4{{0, 0, 0, 0}, 8},      Network4{{10, 0, 0, 0}, 8},     Network4{{100, 64, 0, 0}, 10},
    Network4{{127, 0, 0, 0}, 8},    Network4{{169, 254, 0, 0}, 16}, Network4{{172, 16, 0, 0}, 12},
    Network4{{192, 0, 0, 0}, 24},   Network4{{192, 0, 2, 0}, 24},   Network4{{192, 88, 99, 0}, 24},
    Network4{{192, 168, 0, 0}, 16}, Network4{{198, 18, 0, 0}, 15},  Network4{{198, 51, 100, 0}, 24},
    Network4{{203, 0, 113, 0}, 24}, Network4{{224, 0, 0, 0}, 4},    Network4{{240, 0, 0, 0}, 4},
};

constexpr std::array k_blocked6{
    Network6{{}, 128},                        // unspecified
    Network6{{0, 0, 0, 0, 0, 0, 0, 1}, 128},  // loopback
    Network6{{0x64, 0xff9b, 1}, 48},          // NAT64 of a local network
    Network6{{0x100}, 64},                    // discard
    Network6{{0x2001}, 23},                   // Teredo and other protocols
    Network6{{0x2001, 0xdb8}, 32},            // documentation
    Network6{{0x3fff}, 20},                   // documentation
    Network6{{0x5f00}, 16},                   // segment routing
    Network6{{0xfc00}, 7},                    // unique local
    Network6{{0xfe80}, 10},                   // link-local
    Network6{{0xfec0}, 10},                   // site-local, deprecated
    Network6{{0xff00}, 8},                    // multicast
};

/// A network whose addresses carry an IPv4 address, and where in them.
struct Carrier {
  Network6 network;
  std::size_t offset;
};

constexpr std::array k_carriers{
    Carrier{{{0, 0, 0, 0, 0, 0xffff}, 96}, 12},  // mapped
    Carrier{{{0, 0, 0, 0, 0xffff, 0}, 96}, 12},  // translated
    Carrier{{{0x64, 0xff9b}, 96}, 12},           // NAT64
    Carrier{{{0x2002}, 16}, 2},                  // 6to4
};

bool has_prefix(std::span<const std::uint8_t> address, std::span<const std::uint8_t> prefix, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (!std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(whole), address.begin()))
    return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xFF00u >> (bits % 8));
  return ((address[whole] ^ prefix[whole]) & mask) == 0;
}

bool is_in(const V6& address, const Network6& network) {
  V6 prefix{};
  for (std::size_t i = 0; i < network.prefix.size(); ++i) {
    prefix[2 * i] = static_cast<std::uint8_t>(network.prefix[i] >> 8);
    prefix[2 * i + 1] = static_cast<std::uint8_t>(network.prefix[i] & 0xFF);
  }
  return has_prefix(address, prefix, network.bits);
}

bool is_public(const V4& address) {
  return std::none_of(k_blocked4.begin(), k_blocked4.end(), [&](const Network4& network) {
    return has_prefix(address, network.prefix, network.bits);
  });
}

bool is_public(const V6& address) {
  for (const Carrier& carrier : k_carriers) {
    if (!is_in(address, carrier.network)) continue;
    V4 inner{};
    std::memcpy(inner.data(), address.data() + carrier.offset, inner.size());
    return is_public(inner);
  }
  return std::none_of(k_blocked6.begin(), k_blocked6.end(),
                      [&](const Network6& network) { return is_in(address, network); });
}

/// A copy, since a sockaddr may lie unaligned for the type that it really has.
template <typename Address>
Address copy_of(const sockaddr& address) {
  Address copy;
  std::memcpy(&copy, &address, sizeof copy);
  return copy;
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto v4 = copy_of<sockaddr_in>(address);
    V4 bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return is_public(bytes);
  }
  if (address.sa_family != AF_INET6) return false;
  const auto v6 = copy_of<sockaddr_in6>(address);
  V6 bytes{};
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return is_public(bytes);
}

std::string address_text(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* shown = nullptr;
  if (address.sa_family == AF_INET) {
    const auto v4 = copy_of<sockaddr_in>(address);
    shown = inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    const auto v6 = copy_of<sockaddr_in6>(address);
    shown = inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return shown != nullptr ? shown : "an address that is neither IPv4 nor IPv6";
}

}  // namespace kbeat::net
