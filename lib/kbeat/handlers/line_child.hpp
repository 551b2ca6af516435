// A long-lived child that answers one line with one line.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kbeat/base/child_process.hpp"
#include "kbeat/base/clock.hpp"

namespace kbeat::handlers {

enum class ExchangeEnd { answered, died, timed_out, stopped, protocol };

struct Exchange {
  ExchangeEnd end = ExchangeEnd::answered;
  std::string answer;  ///< the line
  int status = 0;      ///< of a child that died, as of waitpid
};

/// Its standard error is ours. For one thread at a time. Destruction closes its input, gives it two seconds
/// to end, asks it by SIGTERM for another one, then kills it.
class LineChild {
 public:
  /// Throws a retryable Error{io} when it cannot be started.
  LineChild(const std::vector<std::string>& command, const std::vector<std::string>& environment);
  LineChild(const LineChild&) = delete;
  LineChild& operator=(const LineChild&) = delete;
  ~LineChild();

  /// True once it has ended.
  [[nodiscard]] bool is_gone() const;
  /// Sends `line` (which ends with a newline) and waits for a line. After any end but `answered` the child is
  /// killed: what it might still say would answer nothing.
  [[nodiscard]] Exchange exchange(std::string_view line, SteadyTime deadline, const std::stop_token& stop);

 private:
  struct Turn;
  [[nodiscard]] bool write_some(Turn& turn);
  [[nodiscard]] std::optional<ExchangeEnd> read_some();
  [[nodiscard]] ExchangeEnd converse(Turn& turn, SteadyTime deadline);

  Pipe m_to;
  Pipe m_from;
  std::unique_ptr<ChildProcess> m_child;
  std::string m_read;
};

}  // namespace kbeat::handlers
