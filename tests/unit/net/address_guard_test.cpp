// The block table of addresses, each edge and its neighbours.
#include "kbeat/net/address_guard.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <string>

using kbeat::net::address_text;
using kbeat::net::is_public_address;

namespace {

sockaddr_storage parse(const std::string& text) {
  sockaddr_storage storage{};
  if (text.find(':') == std::string::npos) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    REQUIRE(inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1);
    std::memcpy(&storage, &v4, sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    REQUIRE(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1);
    std::memcpy(&storage, &v6, sizeof v6);
  }
  return storage;
}

const sockaddr& as_sockaddr(const sockaddr_storage& storage) {
  return reinterpret_cast<const sockaddr&>(storage);
}

bool is_public(const std::string& text) {
  return is_public_address(as_sockaddr(parse(text)));
}

/// A blocked network: its first and last address, and the public neighbours ("" where a blocked one lies).
struct Edges {
  std::string before, first, last, after;
};

void check(const Edges& edges) {
  INFO(edges.first << " to " << edges.last);
  CHECK_FALSE(is_public(edges.first));
  CHECK_FALSE(is_public(edges.last));
  if (!edges.before.empty()) CHECK(is_public(edges.before));
  if (!edges.after.empty()) CHECK(is_public(edges.after));
}

}  // namespace

TEST_CASE("every blocked IPv4 network ends exactly at its edges", "[net]") {
  const Edges edges = GENERATE(values<Edges>({
      {"", "0.0.0.0", "0.255.255.255", "1.0.0.0"},
      {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
      {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
      {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
      {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
      {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
      {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
      {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
      {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
      {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
      {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
      {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
      {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
      {"223.255.255.255", "224.0.0.0", "239.255.255.255", ""},
      {"", "240.0.0.0", "255.255.255.255", ""},
  }));
  check(edges);
}

TEST_CASE("every blocked IPv6 network ends exactly at its edges", "[net]") {
  const std::string ones = ":ffff:ffff:ffff:ffff:ffff:ffff";
  const Edges edges = GENERATE_COPY(values<Edges>({
      {"", "::", "::1", "::2"},
      {"64:ff9b:0:ffff:ffff:ffff:ffff:ffff", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
       "64:ff9b:2::"},
      {"ff:ffff" + ones, "100::", "100::ffff:ffff:ffff:ffff", "100:0:0:1::"},
      {"2000:ffff" + ones, "2001::", "2001:1ff" + ones, "2001:200::"},
      {"2001:db7" + ones, "2001:db8::", "2001:db8" + ones, "2001:db9::"},
      {"3ffe:ffff" + ones, "3fff::", "3fff:fff" + ones, "3fff:1000::"},
      {"5eff:ffff" + ones, "5f00::", "5f00:ffff" + ones, "5f01::"},
      {"fbff:ffff" + ones, "fc00::", "fdff:ffff" + ones, "fe00::"},
      {"fe7f:ffff" + ones, "fe80::", "febf:ffff" + ones, ""},
      {"", "fec0::", "feff:ffff" + ones, ""},
      {"", "ff00::", "ffff:ffff" + ones, ""},
  }));
  check(edges);
}

TEST_CASE("an IPv6 address that carries an IPv4 one is judged by that", "[net]") {
  const std::string carrier = GENERATE("::ffff:", "::ffff:0:", "64:ff9b::");
  CHECK(is_public(carrier + "8.8.8.8"));
  CHECK(is_public(carrier + "11.0.0.0"));
  CHECK_FALSE(is_public(carrier + "10.0.0.1"));
  CHECK_FALSE(is_public(carrier + "127.0.0.1"));
  CHECK_FALSE(is_public(carrier + "169.254.169.254"));
}

TEST_CASE("a 6to4 address is judged by the IPv4 address behind its prefix", "[net]") {
  CHECK(is_public("2002:808:808::1"));
  CHECK_FALSE(is_public("2002:7f00:1::1"));
  CHECK_FALSE(is_public("2002:a00:1::"));
  CHECK_FALSE(is_public("2002:a9fe:a9fe::"));
  CHECK(is_public("2003::"));
  CHECK(is_public("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

TEST_CASE("well-known public addresses pass", "[net]") {
  CHECK(is_public("1.1.1.1"));
  CHECK(is_public("93.184.216.34"));
  CHECK(is_public("2606:4700:4700::1111"));
}

TEST_CASE("a family that is neither IPv4 nor IPv6 is never public", "[net]") {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  CHECK_FALSE(is_public_address(as_sockaddr(storage)));
  CHECK(address_text(as_sockaddr(storage)) == "an address that is neither IPv4 nor IPv6");
}

TEST_CASE("addresses are shown in their usual form", "[net]") {
  CHECK(address_text(as_sockaddr(parse("10.0.0.1"))) == "10.0.0.1");
  CHECK(address_text(as_sockaddr(parse("fe80:0:0::1"))) == "fe80::1");
}
