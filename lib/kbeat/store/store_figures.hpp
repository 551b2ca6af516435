// Numbers about a store's content, for health and metrics.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat::store {

/// How far a group has come in a partition.
struct GroupProgress {
  std::string cluster;
  std::string group;
  TopicPartition partition;
  Offset next;
};

struct StoreFigures {
  std::int64_t outbox_waiting = 0;
  std::int64_t outbox_parked = 0;
  std::int64_t dead_letters = 0;
  std::int64_t recent_dead_letters = 0;  ///< failed since the time asked for
  std::int64_t unsent_notifications = 0;
  std::vector<GroupProgress> progress;
};

/// Reads the store in `data_dir` over a connection of its own. Throws Error{not_found} when there is none,
/// and what opening and reading throw.
[[nodiscard]] StoreFigures read_figures(const std::filesystem::path& data_dir, WallTime since);

}  // namespace kbeat::store
