// The rules of generations, as a pure function.
#include "kbeat/pipeline/start_position.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kbeat/model/names.hpp"

namespace kbeat::pipeline {

std::string to_metadata(const CommitMark& mark) {
  return fmt::format("{} {} {}", names::k_commit_mark, mark.store_id, mark.generation);
}

std::optional<CommitMark> parse_metadata(std::string_view metadata) {
  if (!metadata.starts_with(names::k_commit_mark)) return std::nullopt;
  metadata.remove_prefix(names::k_commit_mark.size());
  if (!metadata.starts_with(' ')) return std::nullopt;
  metadata.remove_prefix(1);
  const std::size_t space = metadata.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  CommitMark mark{.store_id = std::string(metadata.substr(0, space))};
  const std::string_view digits = metadata.substr(space + 1);
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), mark.generation);
  if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return mark;
}

std::int64_t new_generation(std::int64_t own, WallTime now) {
  return std::max<std::int64_t>(own + 1, now.time_since_epoch().count());
}

StartDecision decide_start(const store::StoredPosition& stored,
                           const std::optional<transport::CommittedPosition>& committed,
                           std::string_view store_id, WallTime now) {
  const std::optional<CommitMark> mark = committed ? parse_metadata(committed->metadata) : std::nullopt;
  if (!stored.next && !committed) return {StartReason::first_start, std::nullopt, 1};
  if (!stored.next) {
    return {StartReason::broker_newer, committed->next, mark ? mark->generation : new_generation(0, now)};
  }
  const StartDecision keep{StartReason::stored, stored.next, stored.generation};
  if (!committed) return keep;
  if (!mark) {
    if (committed->next == *stored.next) return keep;
    return {StartReason::reset_elsewhere, committed->next, new_generation(stored.generation, now)};
  }
  const bool broker_ahead = mark->generation > stored.generation ||
                            (mark->generation == stored.generation && committed->next > *stored.next);
  if (!broker_ahead) return keep;
  if (mark->store_id == store_id) return {StartReason::store_rolled_back, stored.next, stored.generation};
  return {StartReason::broker_newer, committed->next, mark->generation};
}

}  // namespace kbeat::pipeline
