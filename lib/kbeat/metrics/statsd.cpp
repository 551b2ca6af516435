// StatsD's line format, and the datagrams that carry it.
#include "kbeat/metrics/statsd.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <numeric>

#include "kbeat/base/handle.hpp"
#include "kbeat/base/host_port.hpp"

namespace kbeat::metrics {
namespace {

constexpr std::size_t k_datagram = 1432;
constexpr int k_port = 8125;

std::string part_of_name(const std::string& text) {
  std::string part = text;
  for (char& c : part) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
  }
  return part;
}

std::string full_name(const std::string& prefix, const FamilySample& family, const Labels& labels) {
  std::string name = prefix.empty() ? family.name : fmt::format("{}.{}", prefix, family.name);
  for (const auto& [label, value] : labels) name += fmt::format(".{}", part_of_name(value));
  return name;
}

/// `HOST`, `HOST:PORT`, an IPv6 address, or one in brackets with or without a port.
HostPort place_of(const std::string& address) {
  const std::size_t colon = address.find(':');
  const bool bracketed = address.starts_with('[');
  const bool has_port = bracketed ? address.find("]:") != std::string::npos
                                  : colon != std::string::npos && address.rfind(':') == colon;
  if (!has_port && !bracketed) return {address, k_port};
  auto place = parse_host_port(has_port ? address : fmt::format("{}:{}", address, k_port));
  if (!place || place->host.empty() || place->port == 0) {
    throw Error(
        ErrorCode::configuration,
        fmt::format("statsd.host \"{}\": give HOST or HOST:PORT, with a port from 1 to 65535", address));
  }
  return *std::move(place);
}

int connect_to(const std::string& address) {
  const HostPort place = place_of(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(place.host.c_str(), std::to_string(place.port).c_str(), &hints, &found);
  const Handle<addrinfo, freeaddrinfo> owner(found);
  if (failure != 0) {
    throw Error(ErrorCode::configuration,
                fmt::format("statsd.host \"{}\": {}", address, gai_strerror(failure)));
  }
  const int handle = socket(found->ai_family, found->ai_socktype | SOCK_CLOEXEC, 0);
  if (handle < 0 || connect(handle, found->ai_addr, found->ai_addrlen) != 0) {
    if (handle >= 0) close(handle);
    throw Error(ErrorCode::configuration, fmt::format("statsd.host \"{}\" cannot be reached", address));
  }
  return handle;
}

}  // namespace

StatsdLines::StatsdLines(std::string prefix) : m_prefix(std::move(prefix)) {}

void StatsdLines::add_difference(std::vector<std::string>& lines, const std::string& name, double total) {
  double& told = m_told[name];
  if (total > told) lines.push_back(fmt::format("{}:{}|c", name, total - told));
  told = total;
}

std::vector<std::string> StatsdLines::next(const MetricRegistry& registry) {
  std::vector<std::string> lines;
  for (const FamilySample& family : registry.collect()) {
    for (const FamilySample::Series& series : family.series) {
      const std::string name = full_name(m_prefix, family, series.labels);
      if (const auto* buckets = std::get_if<FamilySample::Buckets>(&series.value)) {
        const auto count = std::accumulate(buckets->counts.begin(), buckets->counts.end(), std::uint64_t{0});
        add_difference(lines, name + ".count", static_cast<double>(count));
        const bool seconds = family.name.ends_with("_seconds");
        add_difference(lines, name + (seconds ? ".ms" : ".sum"), buckets->sum * (seconds ? 1000 : 1));
      } else if (family.type == FamilyType::counter) {
        add_difference(lines, name, std::get<double>(series.value));
      } else {
        lines.push_back(fmt::format("{}:{}|g", name, std::get<double>(series.value)));
      }
    }
  }
  return lines;
}

StatsdClient::StatsdClient(const std::string& address, std::string prefix)
    : m_lines(std::move(prefix)), m_socket(connect_to(address)) {}

StatsdClient::~StatsdClient() {
  close(m_socket);
}

void StatsdClient::send(const MetricRegistry& registry) {
  std::string datagram;
  const auto flush = [&] {
    if (!datagram.empty())
      static_cast<void>(::send(m_socket, datagram.data(), datagram.size(), MSG_DONTWAIT));
    datagram.clear();
  };
  for (const std::string& line : m_lines.next(registry)) {
    if (!datagram.empty() && datagram.size() + 1 + line.size() > k_datagram) flush();
    if (!datagram.empty()) datagram += '\n';
    datagram += line;
  }
  flush();
}

}  // namespace kbeat::metrics
