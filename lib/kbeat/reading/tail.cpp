// Reads windows backwards from the ends until each partition gave enough.
#include "kbeat/reading/tail.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>

#include "kbeat/reading/read_progress.hpp"

namespace kbeat::reading {
namespace {

using namespace transport;

/// What a partition gave so far, and the part of it that was not looked at: from `earliest` to `begin`.
struct Lane {
  TopicPartition partition;
  Offset earliest;
  Offset begin;
  std::int64_t step = 0;  ///< offsets of the next window
  std::deque<Record> records{};
  std::vector<Record> window{};

  [[nodiscard]] bool wants_more(std::uint64_t count) const {
    return records.size() < count && begin > earliest;
  }
};

class TailReader {
 public:
  TailReader(Transport& transport, const TailOptions& options, std::stop_token stop)
      : m_options(options),
        m_stop(std::move(stop)),
        m_consumer(
            transport.make_consumer({.client_id = options.client_id, .group = std::nullopt, .topics = {}})) {}

  void add(Lane lane) { m_lanes.emplace(lane.partition, std::move(lane)); }

  [[nodiscard]] std::vector<Record> read() {
    while (read_round()) {
    }
    std::vector<Record> all;
    for (auto& [partition, lane] : m_lanes)
      std::move(lane.records.begin(), lane.records.end(), std::back_inserter(all));
    std::stable_sort(all.begin(), all.end(),
                     [](const Record& a, const Record& b) { return a.timestamp < b.timestamp; });
    if (all.size() > m_options.count)
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(m_options.count));
    return all;
  }

 private:
  /// One window of each partition that has not given enough; false when none is left.
  bool read_round() {
    ReadProgress progress;
    std::vector<Position> starts;
    for (auto& [partition, lane] : m_lanes) {
      if (!lane.wants_more(m_options.count)) continue;
      const Offset end = lane.begin;
      lane.begin = Offset{std::max(lane.earliest.get(), end.get() - lane.step)};
      lane.step *= k_growth;
      progress.add(partition, {lane.begin, end});
      starts.push_back({partition, lane.begin});
    }
    if (starts.empty()) return false;
    m_consumer->start(starts);
    await_end(progress);
    for (auto& [partition, lane] : m_lanes) {
      lane.records.insert(lane.records.begin(), std::make_move_iterator(lane.window.begin()),
                          std::make_move_iterator(lane.window.end()));
      lane.window.clear();
      while (lane.records.size() > m_options.count) lane.records.pop_front();
    }
    return true;
  }

  void await_end(ReadProgress& progress) {
    SteadyTime last = std::chrono::steady_clock::now();
    while (!progress.all_done()) {
      if (m_stop.stop_requested())
        throw Error(ErrorCode::interrupted, "stopped while reading the last records");
      const ConsumerEvent event = m_consumer->poll(Milliseconds{100});
      take(event, progress);
      if (const auto done = progress.take_done(); !done.empty()) m_consumer->release(done);
      const SteadyTime now = std::chrono::steady_clock::now();
      if (!std::holds_alternative<Idle>(event)) last = now;
      if (now - last > m_options.timeout) {
        throw Error(ErrorCode::timed_out,
                    fmt::format("no record came for {}", seconds_text(m_options.timeout)), Retryable::yes);
      }
    }
  }

  void take(const ConsumerEvent& event, ReadProgress& progress) {
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) keep(record, progress);
    } else if (const auto* end = std::get_if<EndReached>(&event)) {
      progress.reached(end->partition, end->next);
    } else if (const auto* gone = std::get_if<OffsetGone>(&event)) {
      progress.reached(gone->partition, Offset{INT64_MAX});  // retention was quicker
    } else if (const auto* problem = std::get_if<Problem>(&event)) {
      if (!problem->error.retryable()) throw Error(problem->error);
    }
  }

  void keep(const RecordView& record, ReadProgress& progress) {
    if (!progress.take(record) || (m_options.wanted && !m_options.wanted(record))) return;
    std::vector<Record>& window = m_lanes.at({TopicName{std::string(record.topic)}, record.partition}).window;
    window.push_back(to_record(record));
    // A window may hold far more than is asked for: only its last ones count.
    if (window.size() >= 2 * m_options.count + k_growth) {
      window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(m_options.count));
    }
  }

  static constexpr std::int64_t k_growth = 8;

  const TailOptions& m_options;
  std::stop_token m_stop;
  std::unique_ptr<Consumer> m_consumer;
  std::map<TopicPartition, Lane> m_lanes;
};

}  // namespace

std::vector<Record> read_tail(Transport& transport, std::span<const TopicPartition> partitions,
                              std::span<const Offset> ends, const TailOptions& options,
                              std::stop_token stop) {
  constexpr std::int64_t k_first_step = 16;
  const auto earliest = transport.make_offset_admin(options.timeout)->offsets(partitions, LogEnd::earliest);
  TailReader reader(transport, options, std::move(stop));
  const std::int64_t step = std::max(k_first_step, static_cast<std::int64_t>(options.count));
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    reader.add({.partition = partitions[i], .earliest = earliest[i], .begin = ends[i], .step = step});
  }
  return reader.read();
}

}  // namespace kbeat::reading
