// Takes from this process, for ever, everything but arithmetic and its three descriptors.
#pragma once

#include <cstdint>

namespace kbeat::confine {

struct Confinement {
  std::uint64_t memory_bytes = 0;  ///< address space; not set in sanitizer builds
  std::uint64_t cpu_seconds = 0;
};

inline constexpr const char* k_confine_process = "kbeat_confine_process";

/// The door to libkbeat_confine.so. Ties the process to its parent's life, limits memory, CPU, files and core
/// dumps, then leaves only the system calls that decoding needs: no socket, no exec, no fork, no thread, no
/// new executable memory, no opening of files. Another call ends the process by SIGSYS. Throws
/// Error{internal} when the kernel cannot do it, or when the parent is gone.
using ConfineProcess = void(const Confinement& confinement);

}  // namespace kbeat::confine
