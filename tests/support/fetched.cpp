// Reads fetched files and failures.
#include "support/fetched.hpp"

#include <unistd.h>

#include <stdexcept>
#include <variant>

namespace kbeat::test {

std::string read_all(const net::FetchedFile& file) {
  std::string bytes;
  char buffer[65536];
  for (ssize_t got = 0; (got = read(file.descriptor(), buffer, sizeof buffer)) > 0;) {
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
  return bytes;
}

std::string body_of(const net::Fetched& fetched) {
  if (const auto* failure = std::get_if<net::FetchFailure>(&fetched))
    throw std::runtime_error(failure->error.what());
  return read_all(std::get<net::FetchedFile>(fetched));
}

const net::FetchFailure& failure_of(const net::Fetched& fetched) {
  const auto* const failure = std::get_if<net::FetchFailure>(&fetched);
  if (failure == nullptr) throw std::runtime_error("the fetch succeeded");
  return *failure;
}

}  // namespace kbeat::test
