// `replay --plan-file`: a range with all that makes it the same range again.
#pragma once

#include <optional>
#include <string>

#include "cmd_replay.hpp"
#include "kbeat/replay/replay_cursor.hpp"

namespace kbeat::app {

struct ReplayPlan {
  std::string cluster;
  std::string order;
  std::optional<WallTime> since;
  std::optional<WallTime> until;
  std::optional<std::uint64_t> count;
  filter::Wanted wanted;
  replay::Cursor parts;
};

/// A JSON document that carries a digest of itself. Throws Error{io, no_space} naming the file.
void write_plan(const std::string& path, const ReplayPlan& plan);

/// Throws Error{not_found} when there is no such file, and Error{bad_input} for one that is no plan, of
/// another version, or was changed.
[[nodiscard]] ReplayPlan read_plan(const std::string& path);

/// The flags as they would have been given for the plan.
[[nodiscard]] ReplayFlags with_plan(ReplayFlags flags, const ReplayPlan& plan);

}  // namespace kbeat::app
