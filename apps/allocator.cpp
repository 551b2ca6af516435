// How jemalloc, which the program is linked to, is set up. Events are made by one thread and freed by
// another, which costs glibc's allocator a sixth of all the time that consume takes.

/// Read by jemalloc as it starts. Few arenas and a short decay keep the memory of a process that has become
/// idle as small as glibc would.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "narenas:3,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
