// Names of the error codes and the exception's construction.
#include "kbeat/base/error.hpp"

namespace kbeat {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return "usage";
    case ErrorCode::bad_input: return "bad_input";
    case ErrorCode::configuration: return "configuration";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::data_gap: return "data_gap";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::authentication: return "authentication";
    case ErrorCode::database: return "database";
    case ErrorCode::busy: return "busy";
    case ErrorCode::no_space: return "no_space";
    case ErrorCode::io: return "io";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::fenced: return "fenced";
    case ErrorCode::undelivered: return "undelivered";
    case ErrorCode::interrupted: return "interrupted";
    case ErrorCode::pipe_closed: return "pipe_closed";
    case ErrorCode::crashed: return "crashed";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, const std::string& message, Retryable retryable)
    : std::runtime_error(message), m_code(code), m_retryable(retryable) {}

}  // namespace kbeat
