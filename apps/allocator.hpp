// The program's allocator: what it needs, and where the work at hand wants it otherwise than it is set up.
#pragma once

namespace kbeat::app {

/// From now on freed memory goes back to the system at once: for analysis, which frees little and largely.
/// The consume loop, which frees much and in small pieces, would spend its time on it. Does nothing under a
/// sanitizer.
void return_memory_at_once();

/// Throws Error{no_space} when the process may not have the address space that the allocator needs for the
/// threads to come (ulimit -v): it does not survive the lack of it.
void check_address_space();

}  // namespace kbeat::app
