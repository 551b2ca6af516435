// Waits that grow from one failure to the next.
#include "kbeat/pipeline/store_retries.hpp"

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {

bool is_about_files(ErrorCode code) {
  return code == ErrorCode::busy || code == ErrorCode::no_space || code == ErrorCode::io ||
         code == ErrorCode::database;
}

bool StoreRetries::plan_next(const Error& error) {
  constexpr std::uint64_t k_tries_when_bounded = 5;
  ++m_failures;
  if (!error.retryable() || (m_bounded && m_failures >= k_tries_when_bounded)) return false;
  const Milliseconds wait = backoff_delay({.jitter = 0}, m_failures, 0.5);
  log_error("{}; trying again in {}, nothing is lost", error.what(), seconds_text(wait));
  m_due = m_clock.steady() + wait;
  return true;
}

}  // namespace kbeat::pipeline
