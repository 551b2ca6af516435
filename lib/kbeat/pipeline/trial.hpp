// Trying a suspect record where a crash does no harm, before it is handled here.
#pragma once

#include <stop_token>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/pipeline/event_runner.hpp"

namespace kbeat::pipeline {

enum class TrialEnd { survived, crashed };

/// Runs a record's handler in a process of its own and tells whether that died by a signal of its own making.
/// What the handler found is dropped: handlers write nothing, so it is run again where its outcome counts.
/// Safe for several threads.
class Trial {
 public:
  Trial() = default;
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;
  virtual ~Trial() = default;

  /// Comes back by `deadline` or soon after a request to stop, which both count as survived. Throws
  /// Error{io} when there can be no other process just now.
  [[nodiscard]] virtual TrialEnd run(const RecordView& record, SteadyTime deadline, std::stop_token stop) = 0;
};

/// The other process's part: runs the handler once, drops what comes of it.
void rehearse(const EventRunner& runner, const RecordView& record, std::stop_token stop);

}  // namespace kbeat::pipeline
