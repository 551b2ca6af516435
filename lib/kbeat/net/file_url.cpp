// Turns a file: URL into a path and opens it with care.
#include "kbeat/net/file_url.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <strings.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "kbeat/net/redact_url.hpp"

namespace kbeat::net {
namespace {

constexpr std::string_view k_scheme = "file:";

FetchFailure failure(ErrorCode code, const std::string& url, std::string_view reason) {
  return {Error(code, fmt::format("cannot read {}: {}", redact_url(url), reason)), std::nullopt};
}

/// Nothing when an escape is broken or makes a NUL.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      unsigned value = 0;
      const std::string_view digits = text.substr(i + 1, 2);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
      if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2) return std::nullopt;
      c = static_cast<char>(value);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

}  // namespace

std::optional<std::string> path_of_file_url(std::string_view url) {
  if (!is_file_url(url)) return std::nullopt;
  url.remove_prefix(k_scheme.size());
  for (const std::string_view host : {"//localhost/", "///"}) {
    if (url.starts_with(host)) return percent_decoded(url.substr(host.size() - 1));
  }
  return std::nullopt;
}

bool is_file_url(std::string_view url) {
  return url.size() >= k_scheme.size() && strncasecmp(url.data(), k_scheme.data(), k_scheme.size()) == 0;
}

Fetched open_file_url(const std::string& url, std::uint64_t max_bytes) {
  const std::optional<std::string> path = path_of_file_url(url);
  if (!path) return failure(ErrorCode::bad_input, url, "use file:///path with an absolute path");
  // O_NONBLOCK: a FIFO must not hold us before we know what it is.
  const int descriptor = open(path->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    return failure(errno == ENOENT ? ErrorCode::not_found : ErrorCode::bad_input, url,
                   std::generic_category().message(errno));
  }
  FetchedFile file(descriptor);
  struct stat status {};
  if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return failure(ErrorCode::bad_input, url, "it is not a regular file");
  }
  if (static_cast<std::uint64_t>(status.st_size) > max_bytes) {
    return failure(ErrorCode::too_large, url, fmt::format("it is larger than {} bytes", max_bytes));
  }
  return file;
}

}  // namespace kbeat::net
