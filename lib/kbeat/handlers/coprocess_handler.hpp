// Hands events to a long-lived program, a line of JSON each way.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/backoff.hpp"
#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

struct CoprocessOptions {
  std::string name;  ///< empty: made from the program's
  std::vector<std::string> command;
  std::vector<std::string> environment;  ///< NAME to pass on, or NAME=value
  std::optional<Milliseconds> time_limit;
  int processes = 1;        ///< at most so many children, an event at a time each
  BackoffPolicy restart{};  ///< waits between starts of a child that died
};

/// In: the envelope with `"id"` first. Out:
/// `{"id","outcome":"done|retry|reject","error","category","result"}`. A child that dies, says something else
/// or is late is ended and started anew, with growing waits; the event that it had is tried again. An event's
/// time begins when a child gets it: it waits in line for a free one, and for the start of one that died, for
/// as long as that takes.
[[nodiscard]] std::unique_ptr<Handler> make_coprocess_handler(CoprocessOptions options, Clock& clock);

}  // namespace kbeat::handlers
