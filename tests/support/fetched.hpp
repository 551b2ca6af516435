// What a fetch gave, as values to compare.
#pragma once

#include <string>

#include "kbeat/net/download.hpp"

namespace kbeat::test {

/// All bytes from the descriptor's position on.
[[nodiscard]] std::string read_all(const net::FetchedFile& file);

/// The body of a good fetch; throws std::runtime_error with the message of a failed one.
[[nodiscard]] std::string body_of(const net::Fetched& fetched);

/// The failure of a fetch that must not succeed; throws std::runtime_error when it did.
[[nodiscard]] const net::FetchFailure& failure_of(const net::Fetched& fetched);

}  // namespace kbeat::test
