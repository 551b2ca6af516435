"""The C library's allocator in place of the program's own, by LD_PRELOAD; at choice one allocation of it fails."""

import subprocess

SOURCE = r"""
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);
void __libc_free(void*);
static std::atomic<long> calls;
static long fails_at() {
  static std::atomic<long> number{-1};
  if (number < 0) { const char* text = getenv("FAIL_MALLOC_AT"); number = text ? atol(text) : 0; }
  return number;
}
void* malloc(size_t size) {
  const long wanted = fails_at();
  if (wanted > 0 && ++calls == wanted) { errno = ENOMEM; return nullptr; }
  return __libc_malloc(size);
}
void free(void* place) { __libc_free(place); }
void* calloc(size_t count, size_t size) { return __libc_calloc(count, size); }
void* realloc(void* place, size_t size) { return __libc_realloc(place, size); }
void* memalign(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
void* aligned_alloc(size_t alignment, size_t size) { return __libc_memalign(alignment, size); }
int posix_memalign(void** place, size_t alignment, size_t size) {
  *place = __libc_memalign(alignment, size);
  return *place ? 0 : ENOMEM;
}
}
static void* checked(void* place) {
  if (!place) throw std::bad_alloc();
  return place;
}
void* operator new(size_t size) { return checked(malloc(size)); }
void* operator new[](size_t size) { return checked(malloc(size)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept { return malloc(size); }
void* operator new(size_t size, std::align_val_t to) { return checked(memalign(size_t(to), size)); }
void* operator new[](size_t size, std::align_val_t to) { return checked(memalign(size_t(to), size)); }
void operator delete(void* place) noexcept { free(place); }
void operator delete[](void* place) noexcept { free(place); }
void operator delete(void* place, size_t) noexcept { free(place); }
void operator delete[](void* place, size_t) noexcept { free(place); }
void operator delete(void* place, const std::nothrow_t&) noexcept { free(place); }
void operator delete[](void* place, const std::nothrow_t&) noexcept { free(place); }
void operator delete(void* place, std::align_val_t) noexcept { free(place); }
void operator delete[](void* place, std::align_val_t) noexcept { free(place); }
void operator delete(void* place, size_t, std::align_val_t) noexcept { free(place); }
void operator delete[](void* place, size_t, std::align_val_t) noexcept { free(place); }
"""


def plain_malloc(folder):
    """The library to preload. In the environment, FAIL_MALLOC_AT is the number of the allocation that fails."""
    source, library = folder / "malloc.cpp", folder / "malloc.so"
    source.write_text(SOURCE)
    subprocess.run(["c++", "-std=c++20", "-shared", "-fPIC", "-O1", "-fno-builtin", "-o", library, source], check=True)
    return library
