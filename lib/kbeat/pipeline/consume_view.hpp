// How a running consume loop is, for whoever watches it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kbeat/pipeline/connect_loop.hpp"
#include "kbeat/pipeline/consume_options.hpp"

namespace kbeat::pipeline {

struct ConsumeView {
  ConnectionState connection;
  bool needs_broker = false;  ///< false on the embedded log
  bool draining = false;
  ConsumeCounts counts;
  std::vector<OpenBreaker> breakers;                ///< handlers that pause
  std::size_t in_hand = 0;                          ///< events read and not committed
  std::vector<Position> positions;                  ///< of the partitions owned: the store's next
  std::vector<std::chrono::nanoseconds> durations;  ///< handler times of events committed since the last view
};

/// `connected`, `disconnected` or `embedded`.
[[nodiscard]] const char* connection_name(const ConsumeView& view);

/// An alert that a process has raised, by its rule's name.
struct RaisedAlert {
  std::string alert;
  std::string severity;
  std::string text;
};

class ConsumeWatch {
 public:
  ConsumeWatch() = default;
  ConsumeWatch(const ConsumeWatch&) = delete;
  ConsumeWatch& operator=(const ConsumeWatch&) = delete;
  virtual ~ConsumeWatch() = default;
  /// Called by the loop's thread a few times a second; it must not wait.
  virtual void shown(const ConsumeView& view) = 0;
  /// What is raised now, for whoever asks how the process is. Any thread.
  [[nodiscard]] virtual std::vector<RaisedAlert> raised() const;
};

}  // namespace kbeat::pipeline
