// Exit codes of the program, the same in every command.
#pragma once

#include "kbeat/base/error.hpp"

namespace kbeat::app {

inline constexpr int k_exit_done = 0;
inline constexpr int k_exit_failed = 1;
inline constexpr int k_exit_usage = 2;
inline constexpr int k_exit_not_found = 3;
inline constexpr int k_exit_time_limit = 4;
inline constexpr int k_exit_partly_done = 5;
inline constexpr int k_exit_data_gap = 6;
inline constexpr int k_exit_pipe_closed = 141;

/// `signal` is the one that was received, or 0.
[[nodiscard]] int exit_code(ErrorCode code, int signal);

}  // namespace kbeat::app
