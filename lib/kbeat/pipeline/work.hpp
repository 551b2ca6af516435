// One record on its way through the consumer, from its arrival to its commit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/model/outcome.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/model/trace.hpp"

namespace kbeat::pipeline {

class PartitionState;

/// A record that crashed kbeat so often is a dead letter.
inline constexpr int k_most_crashes = 3;

/// Something that the registry has no handler for.
enum class Unhandled { no, type, topic };

/// Owned by the loop; lent to one worker while it runs. The record's bytes live as long as `keep`.
struct Work {
  RecordView record;
  std::shared_ptr<const void> keep;
  std::shared_ptr<PartitionState> partition;
  std::uint64_t lane = 0;
  std::uint64_t arrival = 0;  ///< counted by the lanes
  bool suspect = false;       ///< it was in progress when a former process died
  int crashes = 0;            ///< of kbeat's own making, while it ran alone

  int attempts = 0;
  WallTime first_failed;
  SteadyTime due;  ///< of the next try, while it backs off

  // Filled in by the runner.
  RecordView seen;      ///< the record as its handler sees it: with `decoded` for a value that has a schema
  std::string decoded;  ///< JSON
  std::string handler;
  std::string identity;
  std::string type;
  std::string event_id;
  Digest value_hash;  ///< of an event that is done
  Trail trail;        ///< of what is done with it: one step on from what the record says
  Unhandled unhandled = Unhandled::no;
  std::optional<Outcome> outcome;
  std::chrono::nanoseconds took{0};  ///< in the handler, all tries together
};

}  // namespace kbeat::pipeline
