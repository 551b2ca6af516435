// Maps each kind of error to one exit code.
#include "exit_code.hpp"

#include <csignal>

namespace kbeat::app {

int exit_code(ErrorCode code, int signal) {
  switch (code) {
    case ErrorCode::usage:
    case ErrorCode::bad_input:
    case ErrorCode::configuration: return k_exit_usage;
    case ErrorCode::not_found: return k_exit_not_found;
    case ErrorCode::timed_out: return k_exit_time_limit;
    case ErrorCode::data_gap: return k_exit_data_gap;
    case ErrorCode::interrupted: return 128 + (signal == 0 ? SIGINT : signal);
    case ErrorCode::pipe_closed: return k_exit_pipe_closed;
    case ErrorCode::unreachable:
    case ErrorCode::authentication:
    case ErrorCode::database:
    case ErrorCode::busy:
    case ErrorCode::no_space:
    case ErrorCode::io:
    case ErrorCode::too_large:
    case ErrorCode::fenced:
    case ErrorCode::undelivered:
    case ErrorCode::crashed:
    case ErrorCode::unsupported:
    case ErrorCode::internal: return k_exit_failed;
  }
  return k_exit_failed;
}

}  // namespace kbeat::app
