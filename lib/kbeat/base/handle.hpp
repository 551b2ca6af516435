// Owns an object of a C library: a unique_ptr whose deleter is a function known at compile time.
#pragma once

#include <memory>

namespace kbeat {

template <auto Free>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

/// Pointer-sized owner, e.g. `Handle<sqlite3, sqlite3_close_v2>`.
template <typename T, auto Free>
using Handle = std::unique_ptr<T, FreeWith<Free>>;

}  // namespace kbeat
