// Cuts the parts of a URL that may hold secrets.
#include "kbeat/net/redact_url.hpp"

#include "kbeat/base/escape.hpp"

namespace kbeat::net {

std::string redact_url(std::string_view url) {
  constexpr std::size_t k_longest = 200;
  const std::size_t query = url.find_first_of("?#");
  const std::string_view tail = query == std::string_view::npos ? "" : "?...";
  url = url.substr(0, query);
  std::string shown;
  if (const std::size_t slashes = url.find("//"); slashes != std::string_view::npos) {
    shown = url.substr(0, slashes + 2);
    url.remove_prefix(slashes + 2);
  }
  // Lenient parsers look for the last "@" even behind slashes: so do we, rather show too little.
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  shown += url;
  return escape_for_terminal(shown, k_longest).append(tail);
}

}  // namespace kbeat::net
