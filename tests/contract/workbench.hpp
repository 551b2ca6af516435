// What the contract's cases share: a transport, a topic of their own, and short ways to write and read.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/under_test.hpp"

namespace kbeat::contract {

using namespace transport;

/// Make one with `GENERATE(from_range(transports_under_test()))`.
class Workbench {
 public:
  explicit Workbench(const std::string& name);

  [[nodiscard]] TransportUnderTest& under_test() { return *m_under_test; }
  [[nodiscard]] Transport& transport() { return m_under_test->transport(); }
  [[nodiscard]] TopicAdmin& topics() { return *m_topics; }
  [[nodiscard]] OffsetAdmin& offsets() { return *m_offsets; }

  /// A name that no other case uses.
  [[nodiscard]] std::string fresh_name(const std::string& stem = "case");
  /// Creates a topic and waits until it is there.
  [[nodiscard]] TopicName make_topic(int partitions = 1, std::map<std::string, std::string> config = {});

  /// Sends all and returns their reports in the order sent, errors included.
  std::vector<Delivery> send(const std::vector<Record>& records);
  /// As `send`, and every report must be without error.
  std::vector<Delivery> produce(const std::vector<Record>& records);

  /// All records of the topic from `from` (default: the earliest) to the end of every partition.
  [[nodiscard]] std::vector<Record> read_all(const TopicName& topic,
                                             Isolation isolation = Isolation::read_committed);

  [[nodiscard]] Offset end_of(const TopicName& topic, int partition, LogEnd end = LogEnd::latest);

 private:
  std::unique_ptr<TransportUnderTest> m_under_test;
  std::unique_ptr<TopicAdmin> m_topics;
  std::unique_ptr<OffsetAdmin> m_offsets;
};

[[nodiscard]] Record record_of(const TopicName& topic, std::optional<Bytes> key, std::optional<Bytes> value,
                               int partition = -1);

[[nodiscard]] TopicPartition part(const TopicName& topic, int partition);

/// Calls `step` until it returns true; fails the case after `patience`. `step` waits a little by itself.
void keep_on(Milliseconds patience, const std::string& what, const std::function<bool()>& step);

/// A consumer without a group that reads one topic and collects what comes.
class Reader {
 public:
  Reader(Workbench& bench, const std::vector<Position>& positions,
         Isolation isolation = Isolation::read_committed);

  /// Polls until `done`; fails the case when it takes too long.
  void read_until(const std::string& what, const std::function<bool()>& done);
  /// Polls once; false when nothing came.
  bool poll(Milliseconds timeout = Milliseconds{100});

  Consumer& consumer() { return *m_consumer; }
  std::vector<Record> records;
  std::map<TopicPartition, Offset> ends;  ///< of the last EndReached
  std::vector<OffsetGone> gaps;
  std::vector<TopicName> gone;
  std::vector<Error> problems;

 private:
  Workbench& m_bench;
  std::unique_ptr<Consumer> m_consumer;
};

/// A member of a group that starts at the committed position, else at 0, and answers every event.
class GroupReader {
 public:
  GroupReader(Transport& transport, const std::string& group, const std::vector<std::string>& topics,
              Milliseconds session = Milliseconds{6000});
  GroupReader(Transport& transport, const ConsumerOptions& options);

  void poll(Milliseconds timeout = Milliseconds{50});
  /// Commits behind all that was read of partitions still owned.
  void commit_all(const std::string& metadata = "");
  [[nodiscard]] Consumer& consumer() { return *m_consumer; }

  std::vector<Record> records;
  std::map<TopicPartition, Offset> owned;  ///< with the next offset to read
  int assignments = 0;
  int revocations = 0;
  bool was_lost = false;
  std::vector<TopicName> gone;
  std::map<TopicPartition, Offset> ends;

 private:
  void start(const Assigned& assigned);
  void give_back(const Revoked& revoked);

  GroupId m_group;
  std::unique_ptr<OffsetAdmin> m_offsets;
  std::unique_ptr<Consumer> m_consumer;
};

}  // namespace kbeat::contract
