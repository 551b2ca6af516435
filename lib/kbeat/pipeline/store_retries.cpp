// Waits that grow from one failure to the next.
#include "kbeat/pipeline/store_retries.hpp"

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {

void StoreRetries::failed(const Error& error) {
  if (!error.retryable()) throw Error(error);
  ++m_failures;
  constexpr std::uint64_t k_tries_when_bounded = 5;
  if (m_bounded && m_failures >= k_tries_when_bounded) throw Error(error);
  const Milliseconds wait = backoff_delay({.jitter = 0}, m_failures, 0.5);
  log_error("{}; trying again in {}, nothing is lost", error.what(), seconds_text(wait));
  m_due = m_clock.steady() + wait;
}

}  // namespace kbeat::pipeline
