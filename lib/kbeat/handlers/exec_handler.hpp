// Runs a program for each event: the envelope on its standard input, the outcome as its exit code.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

struct ExecOptions {
  std::string name;  ///< empty: made from the program's
  std::vector<std::string> command;
  std::vector<std::string> environment;  ///< NAME to pass on, or NAME=value
  std::optional<Milliseconds> time_limit;
};

/// Exit 0 is done (one line of JSON on its standard output becomes the result), 75 is retry, anything else
/// reject, with its standard error as the reason. A signal of its own making is a crash.
[[nodiscard]] std::unique_ptr<Handler> make_exec_handler(ExecOptions options);

}  // namespace kbeat::handlers
