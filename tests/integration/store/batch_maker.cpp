// Batches of outcomes for tests of the store.
#include "integration/store/batch_maker.hpp"

#include "kbeat/base/hash.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::test {

using namespace store;
using namespace std::string_literals;

TopicPartition partition_of(const std::string& topic, std::int32_t number) {
  return {TopicName(topic), Partition(number)};
}

Scope scope_of(const std::string& group) {
  return {.cluster = "c", .group = GroupId(group)};
}

StoreFixture::StoreFixture() : store(open_store(dir.path(), OpenMode::read_write)) {}

std::int64_t StoreFixture::own(const TopicPartition& partition, std::int64_t next) {
  StoredPosition position =
      store->positions().claim(scope_of(), std::span(&partition, 1), "test", true).front();
  position.next = Offset(next);
  store->positions().set(scope_of(), position, PositionChange::first_start);
  return position.epoch;
}

std::int64_t StoreFixture::number(const std::string& sql) const {
  return open_store_file(dir.path(), OpenMode::read_only)->integer(sql.c_str());
}

std::string StoreFixture::text(const std::string& sql) const {
  const auto database = open_store_file(dir.path(), OpenMode::read_only);
  sqlite::Statement statement(*database, sql);
  sqlite::Rows rows = statement.query();
  return rows.next() ? std::string(rows.bytes(0)) : "no row";
}

BatchMaker::BatchMaker(const TopicPartition& partition, std::int64_t epoch, std::int64_t first)
    : m_offset(first) {
  batch.scope = scope_of();
  batch.progress.push_back({.partition = partition, .epoch = epoch, .next = Offset(first), .mark = {}});
  batch.letter_for = [partition](const FinishedRecord& record, const Error& error) {
    return letter_of(partition, record.offset.get(), error.what());
  };
}

FinishedRecord& BatchMaker::add() {
  Progress& progress = batch.progress.front();
  batch.records.push_back({.progress = 0, .offset = Offset(m_offset), .what = {}});
  ++m_offset;
  if (m_in_order) progress.next = Offset(m_offset);
  return batch.records.back();
}

FinishedDone& BatchMaker::done(const std::string& id, std::vector<Effect> effects, const std::string& value) {
  FinishedRecord& record = add();
  const TopicPartition& partition = batch.progress.front().partition;
  const Origin origin{.topic = partition.topic.get(),
                      .partition = partition.partition.get(),
                      .offset = record.offset.get(),
                      .timestamp = WallTime(Milliseconds(1000 + record.offset.get()))};
  m_events.push_back({.handler = "h",
                      .identity = id,
                      .value_hash = sha256_digest(value),
                      .origin = origin,
                      .effects = std::move(effects)});
  record.what = m_events.back().finished();
  return std::get<FinishedDone>(record.what);
}

void BatchMaker::letter(const std::string& error) {
  FinishedRecord& record = add();
  record.what = FinishedLetter{letter_of(batch.progress.front().partition, record.offset.get(), error)};
}

void BatchMaker::skip() {
  add().what = FinishedSkip{};
}

void BatchMaker::leave_unfinished() {
  ++m_offset;
  m_in_order = false;
}

Effect quiz_event(const std::string& id, const std::string& type) {
  return UpsertQuizEvent{.event_id = id,
                         .event_type = type,
                         .timestamp = "2026-01-31T09:00:00Z",
                         .session_id = "s",
                         .quiz_id = "q",
                         .classroom_id = "c",
                         .question_id = "n",
                         .timer_sec = 1.5,
                         .raw = "{\"event_id\":\"" + id + "\"}"};
}

Effect beat(const std::string& id, double bpm, const std::string& url) {
  return UpsertBeatMetrics{.beat_id = id,
                           .user_id = "u",
                           .audio_url = url,
                           .core = {{"bpm", bpm}, {"beats", std::string("[0.5,1.0]")}, {"key", nullptr}}};
}

DeadLetter letter_of(const TopicPartition& partition, std::int64_t offset, const std::string& error) {
  DeadLetter letter;
  letter.cluster = "c";
  letter.group = GroupId("g");
  letter.original.topic = partition.topic;
  letter.original.partition = partition.partition;
  letter.original.offset = Offset(offset);
  letter.original.key = "k\0\xff"s;
  letter.original.value = "{\"bad\": 1.10}";
  letter.original.headers = {{"h", "1"}, {"h", std::nullopt}, {"", ""}};
  letter.handler = "h";
  letter.error = error;
  letter.event_id = "id-" + std::to_string(offset);
  letter.root = letter_identity(letter);
  letter.dlq_topic = TopicName("dead.letter.queue");
  return letter;
}

std::string fates(const CommitReport& report) {
  std::string names;
  for (const AppliedRecord& record : report.records) {
    constexpr const char* k_names[] = {"applied",     "duplicate", "superseded",
                                       "dead_letter", "skipped",   "fenced"};
    if (!names.empty()) names += ' ';
    names += k_names[static_cast<int>(record.applied)];
  }
  return names;
}

}  // namespace kbeat::test
