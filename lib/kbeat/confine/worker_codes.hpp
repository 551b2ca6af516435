// How a worker tells its parent what came of the audio; the message, if any, is on its stderr.
#pragma once

namespace kbeat::confine {

inline constexpr int k_worker_done = 0;
inline constexpr int k_worker_bad_input = 65;
inline constexpr int k_worker_no_memory = 66;
inline constexpr int k_worker_failed = 70;

}  // namespace kbeat::confine
