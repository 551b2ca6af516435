// Batches of outcomes for tests of the store.
#pragma once

#include <deque>
#include <string>

#include "kbeat/store/intake.hpp"
#include "kbeat/store/store.hpp"
#include "support/temp_dir.hpp"

namespace kbeat::test {

[[nodiscard]] TopicPartition partition_of(const std::string& topic, std::int32_t number = 0);
[[nodiscard]] store::Scope scope_of(const std::string& group = "g");

/// A store in a directory of its own, and a second look into its file.
class StoreFixture {
 public:
  StoreFixture();

  /// Makes this fixture the owner of a partition that starts at `next`; returns its epoch.
  std::int64_t own(const TopicPartition& partition, std::int64_t next = 0);
  /// The first value that the SQL yields, as a number or as text.
  [[nodiscard]] std::int64_t number(const std::string& sql) const;
  [[nodiscard]] std::string text(const std::string& sql) const;

  TempDir dir;
  std::unique_ptr<store::Store> store;
};

/// A batch of one partition; records are added at rising offsets and finish in order.
class BatchMaker {
 public:
  BatchMaker(const TopicPartition& partition, std::int64_t epoch, std::int64_t first = 0);

  /// A done record whose identity is `id` and whose value is `value`.
  store::FinishedDone& done(const std::string& id, std::vector<Effect> effects = {},
                            const std::string& value = "v");
  void letter(const std::string& error);
  void skip();
  /// Leaves an offset out: it is unfinished, and so is `next` from there on.
  void leave_unfinished();

  store::Batch batch;

 private:
  store::FinishedRecord& add();

  std::deque<store::HandledEvent> m_events;  ///< what the batch borrows
  std::int64_t m_offset;
  bool m_in_order = true;
};

[[nodiscard]] Effect quiz_event(const std::string& id, const std::string& type = "answer");
[[nodiscard]] Effect beat(const std::string& id, double bpm, const std::string& url = "http://a/b.wav");
[[nodiscard]] DeadLetter letter_of(const TopicPartition& partition, std::int64_t offset,
                                   const std::string& error);
/// What became of each record, by name: "applied duplicate …".
[[nodiscard]] std::string fates(const store::CommitReport& report);

}  // namespace kbeat::test
