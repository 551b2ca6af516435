// A groupless consumer that looks at one place of each partition.
#include "kbeat/pipeline/record_reader.hpp"

#include <fmt/format.h>

#include <map>

namespace kbeat::pipeline {
namespace {

using namespace transport;

/// What is still looked for, by partition; `found` is indexed as the places were.
struct Search {
  std::map<TopicPartition, std::pair<std::size_t, Offset>> open;
  std::vector<std::optional<Record>> found;

  void see(const RecordView& record) {
    const auto entry = open.find({TopicName{std::string(record.topic)}, record.partition});
    if (entry == open.end() || record.offset < entry->second.second) return;
    if (record.offset == entry->second.second) found[entry->second.first] = to_record(record);
    open.erase(entry);
  }
  void see_end(const TopicPartition& partition) { open.erase(partition); }
};

void take(Search& search, const ConsumerEvent& event) {
  if (const auto* batch = std::get_if<RecordBatch>(&event)) {
    for (const RecordView& record : batch->records()) search.see(record);
  } else if (const auto* end = std::get_if<EndReached>(&event)) {
    search.see_end(end->partition);
  } else if (const auto* gone = std::get_if<OffsetGone>(&event)) {
    search.see_end(gone->partition);
  } else if (const auto* problem = std::get_if<Problem>(&event)) {
    if (!problem->error.retryable()) throw problem->error;
  }
}

}  // namespace

std::vector<std::optional<Record>> read_records_at(Transport& transport, std::span<const Position> places,
                                                   Milliseconds timeout) {
  Search search;
  search.found.resize(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) search.open[places[i].partition] = {i, places[i].next};
  if (places.empty()) return search.found;
  const auto consumer =
      transport.make_consumer({.client_id = "kbeat-check", .group = std::nullopt, .topics = {}});
  consumer->start(places);
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  while (!search.open.empty()) {
    take(search, consumer->poll(Milliseconds{100}));
    if (!search.open.empty() && std::chrono::steady_clock::now() > deadline) {
      throw Error(ErrorCode::timed_out,
                  fmt::format("{} did not answer within {} when the last handled record was to be read again",
                              to_string(search.open.begin()->first), seconds_text(timeout)),
                  Retryable::yes);
    }
  }
  return search.found;
}

}  // namespace kbeat::pipeline
