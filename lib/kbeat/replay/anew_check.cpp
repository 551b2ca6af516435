// Compares marks with the records that lie in their places.
#include "kbeat/replay/anew_check.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/log_end.hpp"
#include "kbeat/pipeline/record_mark.hpp"
#include "kbeat/pipeline/record_reader.hpp"

namespace kbeat::replay {
namespace {

using transport::LogEnd;

/// A mark that its log should still have.
struct Place {
  Position at;
  const store::RecordMark* mark;
  Offset latest;
};

std::vector<Place> places_of(transport::Transport& transport, const Cursor& cursor, Milliseconds timeout) {
  std::vector<TopicPartition> partitions;
  std::vector<const store::RecordMark*> marks;
  for (const CursorPart& part : cursor) {
    if (!part.mark) continue;
    partitions.push_back(part.partition);
    marks.push_back(&*part.mark);
  }
  if (partitions.empty()) return {};
  const auto admin = transport.make_offset_admin(timeout);
  const std::vector<Offset> earliest = admin->offsets(partitions, LogEnd::earliest);
  const std::vector<Offset> latest = admin->offsets(partitions, LogEnd::latest);
  std::vector<Place> places;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (marks[i]->offset < earliest[i]) continue;
    places.push_back({{partitions[i], marks[i]->offset}, marks[i], latest[i]});
  }
  return places;
}

bool is_marked(const std::optional<Record>& record, const store::RecordMark& mark) {
  if (!record) return false;
  const store::RecordMark found = pipeline::mark_of(RecordLoan(*record).view());
  return found.timestamp == mark.timestamp && found.hash.starts_with(mark.hash);
}

/// What tells that the topic is another, in words; nothing when it is not or when that is open.
std::optional<std::string> difference(const Place& place, const std::optional<Record>& found) {
  const std::string name = to_string(place.at.partition);
  if (is_marked(found, *place.mark)) return std::nullopt;
  if (found) {
    return fmt::format(
        "{}: offset {} holds another record than the one replayed before: the topic was made anew", name,
        place.at.next.get());
  }
  if (place.at.next >= place.latest) {
    return fmt::format("{}: offset {} lies past the log's end {}: the topic was made anew or cut", name,
                       place.at.next.get(), place.latest.get());
  }
  log_warning(
      "{}: the last replayed record, offset {}, is no longer in the log; whether the topic was made anew "
      "cannot be told",
      name, place.at.next.get());
  return std::nullopt;
}

}  // namespace

std::set<TopicName> find_made_anew(transport::Transport& transport, const Cursor& cursor, OnGap on_gap,
                                   Milliseconds timeout) {
  std::vector<Place> places = places_of(transport, cursor, timeout);
  std::vector<Position> positions;
  SystemClock clock;
  for (Place& place : places) {
    const Position behind{place.at.partition, Offset{place.at.next.get() + 1}};
    place.latest = pipeline::end_after_election(transport, behind, place.latest, timeout, clock);
    positions.push_back(place.at);
  }
  const auto records = pipeline::read_records_at(transport, positions, timeout);
  std::set<TopicName> anew;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::optional<std::string> what = difference(places[i], records[i]);
    if (!what) continue;
    if (on_gap == OnGap::fail) {
      throw Error(ErrorCode::data_gap, *what + "; start with --on-gap skip to begin at its start");
    }
    if (anew.insert(places[i].at.partition.topic).second) log_warning("{}; beginning at its start", *what);
  }
  return anew;
}

}  // namespace kbeat::replay
