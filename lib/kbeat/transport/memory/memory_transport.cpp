// Makes a memory transport.
#include "kbeat/transport/memory/memory_transport.hpp"

#include <fmt/format.h>

#include <random>

#include "kbeat/transport/memory/memory_ledger.hpp"

namespace kbeat::transport::memory {

std::unique_ptr<local::LocalTransport> make_memory_transport() {
  auto state = std::make_shared<MemoryState>();
  std::random_device random;
  state->cluster = fmt::format("memory-{:08x}{:08x}", random(), random());
  return std::make_unique<local::LocalTransport>(TransportKind::memory, "memory",
                                                 [state] { return std::make_unique<MemoryLedger>(state); });
}

}  // namespace kbeat::transport::memory
