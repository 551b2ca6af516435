// The transport in memory, for tests and dry runs.
#pragma once

#include <memory>

#include "kbeat/transport/local/local_transport.hpp"

namespace kbeat::transport::memory {

/// An empty log of its own; what it holds goes with it. Its clients may live in different threads.
[[nodiscard]] std::unique_ptr<local::LocalTransport> make_memory_transport();

}  // namespace kbeat::transport::memory
