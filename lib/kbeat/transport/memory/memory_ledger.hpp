// A ledger in memory: one state shared by threads under one mutex.
#pragma once

#include <memory>

#include "kbeat/transport/memory/memory_state.hpp"

namespace kbeat::transport::memory {

class MemoryTopics final : public local::TopicLedger {
 public:
  explicit MemoryTopics(MemoryState& state) : m_state(state) {}

  [[nodiscard]] std::string cluster_id() override;
  [[nodiscard]] std::vector<local::TopicState> all() override;
  [[nodiscard]] std::optional<local::TopicState> find(const TopicName& topic) override;
  void create(const TopicSpec& spec) override;
  void alter(const local::TopicState& topic) override;
  void remove(const TopicName& topic) override;

 private:
  MemoryState& m_state;
};

class MemoryRecords final : public local::RecordLedger {
 public:
  explicit MemoryRecords(MemoryState& state) : m_state(state) {}

  [[nodiscard]] local::ProducerStamp enter(const std::string& transactional_id) override;
  std::vector<local::Appended> append(const local::Append& append) override;
  [[nodiscard]] std::optional<local::Fetched> fetch(local::PartitionKey partition, Offset from,
                                                    std::size_t most_bytes) override;
  [[nodiscard]] std::optional<local::StoredBatch> find_time(local::PartitionKey partition,
                                                            WallTime time) override;
  local::Cleaned clean(WallTime now, local::CleaningEffort effort) override;

 private:
  MemoryState& m_state;
};

class MemoryGroups final : public local::GroupLedger {
 public:
  explicit MemoryGroups(MemoryState& state) : m_state(state) {}

  [[nodiscard]] std::vector<GroupId> all() override;
  [[nodiscard]] local::GroupState read(const GroupId& group) override;
  void update(const GroupId& group, const Change& change) override;
  void commit(const local::GroupPositions& positions, const Change& check) override;
  [[nodiscard]] std::vector<CommittedPosition> positions(const GroupId& group) override;
  void remove(const GroupId& group) override;

 private:
  MemoryState& m_state;
};

class MemoryLedger final : public local::Ledger, private local::ChangeSignal {
 public:
  explicit MemoryLedger(std::shared_ptr<MemoryState> state);

  [[nodiscard]] local::TopicLedger& topics() override { return m_topics; }
  [[nodiscard]] local::RecordLedger& records() override { return m_records; }
  [[nodiscard]] local::GroupLedger& groups() override { return m_groups; }
  [[nodiscard]] local::ChangeSignal& changes() override { return *this; }
  [[nodiscard]] local::Presence& presence() override { return m_presence; }

 private:
  [[nodiscard]] local::Changes seen() override;
  void wait(const local::Changes& before, Milliseconds timeout) override;

  std::shared_ptr<MemoryState> m_state;
  MemoryTopics m_topics;
  MemoryRecords m_records;
  MemoryGroups m_groups;
  local::SamePresence m_presence;
};

}  // namespace kbeat::transport::memory
