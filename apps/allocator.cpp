// How jemalloc, which the program is linked to, is set up. Events are made by one thread and freed by
// another, which costs glibc's allocator a sixth of all the time that consume takes.
#include "allocator.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "kbeat/base/error.hpp"

extern "C" {

/// Read by jemalloc as it starts. Few arenas keep the memory of a process that has become idle small;
/// what was freed serves again for ten seconds, which is longer than from one batch to the next.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:3,dirty_decay_ms:10000,muzzy_decay_ms:0";

/// jemalloc's own; there is none where another allocator was linked or preloaded.
[[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size, void* new_value,
                          size_t new_size);
}

namespace kbeat::app {
namespace {

constexpr rlim_t k_least_address_space = 96u << 20;  ///< bytes

}  // namespace

void return_memory_at_once() {
  if (mallctl == nullptr) return;
  ssize_t at_once = 0;
  mallctl("arenas.dirty_decay_ms", nullptr, nullptr, &at_once, sizeof at_once);   // of arenas to come
  mallctl("arena.0.dirty_decay_ms", nullptr, nullptr, &at_once, sizeof at_once);  // of the first thread
}

void check_address_space() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur >= k_least_address_space) return;
  throw Error(ErrorCode::no_space,
              fmt::format("it may have {} MiB of address space and needs {}: raise the limit (ulimit -v)",
                          limit.rlim_cur >> 20, k_least_address_space >> 20));
}

}  // namespace kbeat::app
