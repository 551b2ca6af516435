// The one exception of the house: what failed, on what, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace kbeat {

/// The kind of a failure. `exit_code` in apps/ maps each kind to one exit code of the program.
enum class ErrorCode {
  usage,           ///< a flag or argument is wrong
  bad_input,       ///< data handed in is malformed
  configuration,   ///< a setting is wrong
  not_found,       ///< a topic, group, file or row does not exist
  timed_out,       ///< a limit on time was reached
  data_gap,        ///< records that were to be read are gone
  unreachable,     ///< a broker or server does not answer
  authentication,  ///< credentials or permissions were refused
  database,        ///< the store or the embedded log failed
  busy,            ///< a lock is held by another process
  no_space,        ///< a disk or quota is full
  io,              ///< a file or socket failed
  too_large,       ///< a record exceeds a limit
  fenced,          ///< another process took over
  undelivered,     ///< a record was not acknowledged
  interrupted,     ///< a signal ended the work
  pipe_closed,     ///< the reader of stdout went away
  crashed,         ///< a child process died by a signal of its own making
  unsupported,     ///< a library of this version cannot do it
  internal,        ///< a bug of ours
};

[[nodiscard]] std::string_view to_string(ErrorCode code);

enum class Retryable { no, yes };

/// Thrown by every layer; the message is complete in itself and fit for a user's eyes.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message, Retryable retryable = Retryable::no);

  [[nodiscard]] ErrorCode code() const { return m_code; }
  [[nodiscard]] bool retryable() const { return m_retryable == Retryable::yes; }

 private:
  ErrorCode m_code;
  Retryable m_retryable;
};

}  // namespace kbeat
