// Batches of owned records, the end of each part after the last of them.
#include "kbeat/replay/handled_consumer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/identity.hpp"

namespace kbeat::replay {
namespace {

using namespace transport;

constexpr std::size_t k_records_a_batch = 500;

/// Records that lend themselves to a batch.
struct Lent {
  std::vector<Record> records;
  std::vector<std::unique_ptr<RecordLoan>> loans;
};

RecordBatch batch_of(std::vector<Record> records) {
  const auto lent = std::make_shared<Lent>();
  lent->records = std::move(records);
  std::vector<RecordView> views;
  for (const Record& record : lent->records) {
    lent->loans.push_back(std::make_unique<RecordLoan>(record));
    views.push_back(lent->loans.back()->view());
  }
  return {std::move(views), lent};
}

bool has_header(const Record& record, std::string_view name) {
  return find_header(std::span<const Header>(record.headers), name) != nullptr;
}

bool has_identity(const RecordView& record) {
  try {
    return !parse_event(record).id.empty();
  } catch (const Error&) {
    return false;  // no event: its place is its name
  }
}

}  // namespace

HandledConsumer::HandledConsumer(ReplaySource& source, const HandledParts& parts,
                                 const HandledOptions& options, Clock& clock)
    : m_source(source), m_parts(parts), m_options(options), m_clock(clock), m_pacer(options.pace, clock) {}

void HandledConsumer::start(std::span<const Position> positions) {
  for (const Position& position : positions) m_begin.insert_or_assign(position.partition, position.next);
  if (m_options.numbered) return;
  Cursor cursor = m_source.cursor();
  for (CursorPart& part : cursor) {
    const auto begin = m_begin.find(part.partition);
    if (begin != m_begin.end()) part.next = begin->second;
  }
  m_source.seek(cursor);
}

void HandledConsumer::set_flow(std::span<const TopicPartition> partitions, Flow flow) {
  for (const TopicPartition& partition : partitions) {
    if (flow == Flow::paused) {
      m_paused.insert(partition);
    } else {
      m_paused.erase(partition);
    }
  }
}

ConsumerEvent HandledConsumer::poll(Milliseconds timeout) {
  if (!std::exchange(m_assigned, true)) {
    Assigned assigned;
    for (const CursorPart& part : m_parts) assigned.partitions.push_back(part.partition);
    return assigned;
  }
  if (m_begin.empty()) return Idle{};
  if (m_waiting.empty() && !m_at_end) read(timeout);
  if (!m_waiting.empty()) return next_batch(timeout);
  if (!m_at_end) return Idle{};
  if (m_ends.empty()) {
    static_cast<void>(m_clock.wait(timeout, {}));
    return Idle{};
  }
  const EndReached end = m_ends.front();
  m_ends.pop_front();
  return end;
}

void HandledConsumer::read(Milliseconds timeout) {
  const Turn turn = m_source.turn(timeout, [this](const RecordView& record) {
    keep(record);
    return true;
  });
  if (turn == Turn::more) return;
  m_at_end = true;
  for (const CursorPart& part : m_parts) m_ends.push_back({part.partition, part.end.value_or(part.next)});
}

void HandledConsumer::keep(const RecordView& view) {
  const std::int64_t number_of_record = m_number++;
  if (m_options.wanted && !m_options.wanted(view)) return;
  Record record = to_record(view);
  if (m_options.numbered) {
    number(record);
    record.partition = Partition{0};
    record.offset = Offset{number_of_record};
  }
  const auto begin = m_begin.find({record.topic, record.partition});
  if (begin == m_begin.end() || record.offset >= begin->second) m_waiting.push_back(std::move(record));
}

/// Its own place and identity become headers before it gets a number in their stead.
void HandledConsumer::number(Record& record) {
  const RecordLoan loan(record);
  const store::Origin origin = pipeline::event_origin(loan.view());
  if (!has_header(record, names::k_event_id) && !has_identity(loan.view())) {
    const std::string identity = record.offset.get() >= 0
                                     ? pipeline::event_identity(loan.view(), nullptr, {m_options.cluster, 0})
                                     : fmt::format("{}/{}", m_source.description(), m_number);
    record.headers.push_back({std::string(names::k_event_id), identity});
  }
  if (record.offset.get() < 0 || has_header(record, names::k_origin_topic)) return;
  for (Header& header : pipeline::origin_headers(origin)) record.headers.push_back(std::move(header));
}

bool HandledConsumer::is_held(const Record& record) const {
  return m_paused.contains({record.topic, record.partition});
}

/// As many as are due. A partition that is paused holds what comes after it, too: the order is the replay's.
ConsumerEvent HandledConsumer::next_batch(Milliseconds timeout) {
  std::vector<Record> due;
  Milliseconds wait{0};
  while (!m_waiting.empty() && due.size() < k_records_a_batch && !is_held(m_waiting.front())) {
    wait = m_pacer.wait_for(m_waiting.front().timestamp);
    if (wait > Milliseconds{0}) break;
    due.push_back(std::move(m_waiting.front()));
    m_waiting.pop_front();
  }
  if (!due.empty()) return batch_of(std::move(due));
  const Milliseconds longest = wait > Milliseconds{0} ? std::min(wait, timeout) : timeout;
  static_cast<void>(m_clock.wait(longest, {}));
  return Idle{};
}

}  // namespace kbeat::replay
