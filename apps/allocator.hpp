// The program's allocator, where the work at hand wants it otherwise than it is set up.
#pragma once

namespace kbeat::app {

/// From now on freed memory goes back to the system at once: for analysis, which frees little and largely.
/// The consume loop, which frees much and in small pieces, would spend its time on it. Does nothing under a
/// sanitizer.
void return_memory_at_once();

}  // namespace kbeat::app
