// The last colon is the one before the port.
#include "kbeat/base/host_port.hpp"

#include <charconv>

namespace kbeat {

std::optional<HostPort> parse_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  constexpr std::size_t k_most_digits = 5;
  constexpr unsigned k_last_port = 65'535;
  unsigned number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size() || port.size() > k_most_digits ||
      number > k_last_port) {
    return std::nullopt;
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return HostPort{std::string(host), static_cast<int>(number)};
}

}  // namespace kbeat
