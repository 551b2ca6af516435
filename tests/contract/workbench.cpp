// Writing, reading and waiting for the contract's cases.
#include "contract/workbench.hpp"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace kbeat::contract {
namespace {

constexpr Milliseconds k_admin_timeout{15'000};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

void keep_on(Milliseconds patience, const std::string& what, const std::function<bool()>& step) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!step()) {
    INFO("waiting for: " << what);
    REQUIRE(std::chrono::steady_clock::now() < deadline);
  }
}

Record record_of(const TopicName& topic, std::optional<Bytes> key, std::optional<Bytes> value,
                 int partition) {
  Record record;
  record.topic = topic;
  record.partition = Partition{partition};
  record.key = std::move(key);
  record.value = std::move(value);
  return record;
}

TopicPartition part(const TopicName& topic, int partition) {
  return {topic, Partition{partition}};
}

Workbench::Workbench(const std::string& name)
    : m_under_test(open_under_test(name)),
      m_topics(m_under_test->transport().make_topic_admin(k_admin_timeout)),
      m_offsets(m_under_test->transport().make_offset_admin(k_admin_timeout)) {}

std::string Workbench::fresh_name(const std::string& stem) {
  static std::atomic<int> count{0};
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return stem + "." + std::to_string(getpid()) + "." + std::to_string(now) + "." + std::to_string(++count);
}

TopicName Workbench::make_topic(int partitions, std::map<std::string, std::string> config) {
  const TopicName topic{fresh_name()};
  topics().create({.topic = topic, .partitions = partitions, .replication = -1, .config = std::move(config)});
  keep_on(under_test().patience(), "a new topic to have leaders", [&] {
    try {
      const TopicInfo info = topics().topic(topic);
      bool led = info.partitions.size() == static_cast<std::size_t>(partitions);
      for (const PartitionInfo& partition : info.partitions) led = led && partition.leader >= 0;
      return led;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
      return false;
    }
  });
  return topic;
}

std::vector<Delivery> Workbench::send(const std::vector<Record>& records) {
  const auto producer = transport().make_producer({});
  std::vector<Delivery> reports;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const RecordLoan loan(records[i]);
    while (producer->send(loan.view(), i) == Accepted::queue_full) producer->poll(Milliseconds{100}, reports);
  }
  producer->flush(under_test().patience(), reports);
  REQUIRE(producer->pending() == 0);
  std::vector<Delivery> sorted(records.size());
  REQUIRE(reports.size() == records.size());
  for (Delivery& report : reports) sorted.at(report.tag) = report;
  return sorted;
}

std::vector<Delivery> Workbench::produce(const std::vector<Record>& records) {
  std::vector<Delivery> reports = send(records);
  for (const Delivery& report : reports) {
    INFO((report.error ? report.error->what() : ""));
    REQUIRE_FALSE(report.error.has_value());
  }
  return reports;
}

Offset Workbench::end_of(const TopicName& topic, int partition, LogEnd end) {
  const TopicPartition wanted = part(topic, partition);
  return offsets().offsets({&wanted, 1}, end).at(0);
}

std::vector<Record> Workbench::read_all(const TopicName& topic, Isolation isolation) {
  std::vector<Position> positions;
  std::map<TopicPartition, Offset> ends;
  const auto count = static_cast<int>(topics().topic(topic).partitions.size());
  for (int i = 0; i < count; ++i) {
    positions.push_back({part(topic, i), end_of(topic, i, LogEnd::earliest)});
    ends[part(topic, i)] = end_of(topic, i, LogEnd::last_stable);
  }
  Reader reader(*this, positions, isolation);
  reader.read_until("the end of all partitions", [&] {
    for (const auto& [partition, end] : ends) {
      const auto found = reader.ends.find(partition);
      if (found == reader.ends.end() || found->second < end) return false;
    }
    return true;
  });
  return reader.records;
}

Reader::Reader(Workbench& bench, const std::vector<Position>& positions, Isolation isolation)
    : m_bench(bench) {
  ConsumerOptions options;
  options.isolation = isolation;
  m_consumer = bench.transport().make_consumer(options);
  m_consumer->start(positions);
}

bool Reader::poll(Milliseconds timeout) {
  ConsumerEvent event = m_consumer->poll(timeout);
  bool came = true;
  std::visit(Overloaded{[&](const Idle&) { came = false; },
                        [&](const RecordBatch& batch) {
                          for (const RecordView& view : batch.records()) records.push_back(to_record(view));
                        },
                        [&](const Assigned&) { FAIL("a consumer without a group was assigned partitions"); },
                        [&](const Revoked&) { FAIL("a consumer without a group lost partitions"); },
                        [&](const EndReached& end) { ends[end.partition] = end.next; },
                        [&](const OffsetGone& gap) { gaps.push_back(gap); },
                        [&](const TopicGone& topic) { gone.push_back(topic.topic); },
                        [&](const Problem& problem) { problems.push_back(problem.error); }},
             event);
  return came;
}

void Reader::read_until(const std::string& what, const std::function<bool()>& done) {
  keep_on(m_bench.under_test().patience(), what, [&] {
    if (done()) return true;
    poll();
    return done();
  });
}

GroupReader::GroupReader(Transport& transport, const std::string& group,
                         const std::vector<std::string>& topics, Milliseconds session)
    : GroupReader(transport, {.group = GroupId{group}, .topics = topics, .session_timeout = session}) {}

GroupReader::GroupReader(Transport& transport, const ConsumerOptions& options)
    : m_group(options.group.value()),
      m_offsets(transport.make_offset_admin(k_admin_timeout)),
      m_consumer(transport.make_consumer(options)) {}

void GroupReader::poll(Milliseconds timeout) {
  ConsumerEvent event = m_consumer->poll(timeout);
  std::visit(Overloaded{[&](const Idle&) {},
                        [&](const RecordBatch& batch) {
                          for (const RecordView& view : batch.records()) {
                            records.push_back(to_record(view));
                            owned[part(TopicName{std::string(view.topic)}, view.partition.get())] =
                                Offset{view.offset.get() + 1};
                          }
                        },
                        [&](const Assigned& assigned) { start(assigned); },
                        [&](const Revoked& revoked) { give_back(revoked); },
                        [&](const EndReached& end) { ends[end.partition] = end.next; },
                        [&](const OffsetGone&) { FAIL("a position of the group is gone"); },
                        [&](const TopicGone& topic) { gone.push_back(topic.topic); },
                        [&](const Problem& problem) {
                          INFO(problem.error.what());
                          REQUIRE(problem.error.retryable());
                        }},
             event);
}

void GroupReader::start(const Assigned& assigned) {
  ++assignments;
  const auto committed = m_offsets->committed(m_group, assigned.partitions);
  std::vector<Position> positions;
  for (const TopicPartition& partition : assigned.partitions) owned[partition] = Offset{0};
  for (const CommittedPosition& position : committed) owned[position.partition] = position.next;
  for (const TopicPartition& partition : assigned.partitions)
    positions.push_back({partition, owned[partition]});
  m_consumer->start(positions);
}

void GroupReader::give_back(const Revoked& revoked) {
  ++revocations;
  was_lost = was_lost || revoked.lost;
  if (!revoked.lost) commit_all();
  for (const TopicPartition& partition : revoked.partitions) owned.erase(partition);
  m_consumer->release(revoked.partitions);
}

void GroupReader::commit_all(const std::string& metadata) {
  std::vector<CommittedPosition> positions;
  for (const auto& [partition, next] : owned) positions.push_back({partition, next, metadata});
  if (!positions.empty()) m_consumer->commit(positions, k_admin_timeout);
}

}  // namespace kbeat::contract
