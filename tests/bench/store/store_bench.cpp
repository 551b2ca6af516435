// How fast the store takes batches of quiz events, and whether that stays so while it grows.
#include <fmt/format.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/hash.hpp"
#include "kbeat/store/intake.hpp"
#include "kbeat/store/store.hpp"

namespace {

using namespace kbeat;
using namespace kbeat::store;

/// A random UUID, as producers make them: no two beside each other in an index.
std::string random_id(std::mt19937_64& random) {
  const std::uint64_t high = random();
  const std::uint64_t low = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xffff, high & 0xfff,
                     low >> 48, low & 0xffffffffffff);
}

HandledEvent make_event(std::int64_t offset, std::mt19937_64& random) {
  const std::string id = random_id(random);
  const std::string raw = fmt::format(
      R"({{"event_id":"{}","event_type":"answer_submitted","timestamp":"2026-01-31T09:00:00.000Z",)"
      R"("session_id":"session-{}","quiz_id":"quiz-{}","classroom_id":"c-{}","question_id":"q-{}","timer_sec":12.5}})",
      id, offset / 40, offset / 400, offset / 1000, offset % 40);
  HandledEvent event{.handler = "quiz-events",
                     .identity = id,
                     .value_hash = sha256_digest(raw),
                     .origin = {.topic = "quiz-events", .partition = 0, .offset = offset, .timestamp = {}},
                     .effects = {}};
  event.effects.push_back(UpsertQuizEvent{.event_id = id,
                                          .event_type = "answer_submitted",
                                          .timestamp = "2026-01-31T09:00:00.000Z",
                                          .session_id = fmt::format("session-{}", offset / 40),
                                          .quiz_id = fmt::format("quiz-{}", offset / 400),
                                          .classroom_id = fmt::format("c-{}", offset / 1000),
                                          .question_id = fmt::format("q-{}", offset % 40),
                                          .timer_sec = 12.5,
                                          .raw = raw});
  return event;
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

struct Measured {
  double seconds = 0;      ///< in commit
  double processor = 0;    ///< s of it on a processor
  double worst_batch = 0;  ///< s
};

class Bench {
 public:
  Bench(const std::filesystem::path& dir, std::int64_t batch_size)
      : m_store(open_store(dir, OpenMode::read_write)), m_batch_size(batch_size) {
    m_position = m_store->positions().claim(m_scope, std::span(&m_partition, 1), "bench", true).front();
  }

  Measured run_until(std::int64_t end) {
    Measured measured;
    while (m_next < end) {
      Batch batch{.scope = m_scope, .progress = {}, .records = {}, .letter_for = {}};
      std::vector<HandledEvent> events;
      for (std::int64_t i = 0; i < m_batch_size; ++i) events.push_back(make_event(m_next + i, m_random));
      for (const HandledEvent& event : events)
        batch.records.push_back({.progress = 0, .offset = Offset(m_next++), .what = event.finished()});
      batch.progress.push_back(
          {.partition = m_partition, .epoch = m_position.epoch, .next = Offset(m_next), .mark = {}});
      const double processor = processor_seconds();
      const auto start = std::chrono::steady_clock::now();
      m_store->outcomes().commit(batch);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      measured.seconds += took.count();
      measured.processor += processor_seconds() - processor;
      measured.worst_batch = std::max(measured.worst_batch, took.count());
    }
    return measured;
  }

 private:
  std::unique_ptr<Store> m_store;
  std::int64_t m_batch_size;
  Scope m_scope{.cluster = "c", .group = GroupId("g")};
  TopicPartition m_partition{TopicName("quiz-events"), Partition(0)};
  StoredPosition m_position;
  std::mt19937_64 m_random{1};
  std::int64_t m_next = 0;
};

}  // namespace

/// store_bench DIR [BATCH [EVENTS]]: makes a store in DIR and fills it with EVENTS.
int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: {} DIR [BATCH [EVENTS]]\n", argv[0]);
    return 2;
  }
  const std::int64_t batch = argc > 2 ? std::atoll(argv[2]) : 1000;
  const std::int64_t events = argc > 3 ? std::atoll(argv[3]) : 1'000'000;
  Bench bench(argv[1], batch);
  std::int64_t done = 0;
  for (std::int64_t goal = 10'000; done < events; goal *= 10) {
    for (const std::int64_t step : {goal, 2 * goal, 5 * goal}) {
      if (done >= events) break;
      const std::int64_t end = std::min(step, events);
      const Measured measured = bench.run_until(end);
      const auto count = static_cast<double>(end - done);
      fmt::print(
          "{:>9} to {:>9} events: {:>8.0f}/s, {:5.2f} us each ({:5.2f} us of processor), slowest batch "
          "{:6.1f} ms\n",
          done, end, count / measured.seconds, measured.seconds / count * 1e6,
          measured.processor / count * 1e6, measured.worst_batch * 1e3);
      std::fflush(stdout);
      done = end;
    }
  }
  return 0;
}
