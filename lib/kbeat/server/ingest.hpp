// Takes events in: durable first, then to Kafka, or to the store while Kafka does not answer.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/metrics/families.hpp"
#include "kbeat/store/intake.hpp"

namespace kbeat::server {

/// An event that was found to be well-formed. `done` is what its handler makes of it, when it can be applied
/// here at all.
struct IngestEvent {
  std::string id;
  std::string identity;
  std::string accepted_as{};  ///< as store::IntakeEvent has it
  std::string hash;           ///< SHA-256 of what the sender said: a repetition has the same
  std::string request_key{};  ///< the request's Idempotency-Key, and SHA-256 of its body
  std::string request_hash{};
  Record record;
  std::optional<store::HandledEvent> done;
  bool direct_without_kafka = false;  ///< applied at once where there is only the embedded log
};

/// Of several events: all or none, or each by itself.
enum class Taking { whole, each };

/// Where an accepted event went: acknowledged by Kafka or the embedded log, applied to the store, or durable
/// in the outbox and on its way.
enum class IngestMode { kafka, embedded, direct, outbox };

[[nodiscard]] std::string_view to_string(IngestMode mode);

struct IngestAnswer {
  store::Taken taken = store::Taken::accepted;
  IngestMode mode = IngestMode::direct;
  std::string error{};
};

/// Answers the events one to one; or says why none of them was taken.
using IngestDone = std::function<void(std::vector<IngestAnswer>, const std::optional<Error>&)>;

struct IngestOptions {
  std::filesystem::path data_dir;
  GroupId group{"kbeat"};  ///< whose consumers are not to apply again what was applied here
  bool kafka = false;      ///< without it, events that can be applied are, and owe nothing to anybody
  Milliseconds kafka_wait{2000};
  std::uint64_t outbox_max_bytes = 0;  ///< as open_intake has it
  std::size_t longest_queue = 10'000;  ///< events
};

/// Owns one thread, the only writer: what has come by the time that it is free becomes one transaction.
class Ingest {
 public:
  /// `connected` tells whether Kafka answers; `nudge` that the outbox has new rows.
  struct Seams {
    std::function<bool()> connected;
    std::function<void()> nudge;
  };
  Ingest(IngestOptions options, Seams seams, metrics::MetricRegistry& metrics);
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;
  ~Ingest();
  /// Answers what was submitted, and takes nothing more.
  void stop();

  /// Any thread. False when too much waits already: nothing was taken. `done` is called on the writer's
  /// thread.
  [[nodiscard]] bool submit(std::vector<IngestEvent> events, Taking taking, IngestDone done);
  /// From the relay: these rows are acknowledged.
  void acknowledged(std::span<const std::int64_t> seqs);

  /// Whether an event that comes now would be given to Kafka first.
  [[nodiscard]] bool prefers_kafka() const;
  [[nodiscard]] std::size_t waiting() const { return m_waiting.load(); }

 private:
  struct Job {
    std::vector<IngestEvent> events;
    Taking taking;
    IngestDone done;
    std::vector<IngestAnswer> answers{};
    std::multimap<std::int64_t, std::size_t> owed{};  ///< rows without an acknowledgement, with their events
    SteadyTime deadline{};
  };
  using Jobs = std::vector<std::shared_ptr<Job>>;

  void run(std::stop_token stop);
  [[nodiscard]] bool gather(std::stop_token stop, Jobs& jobs, std::vector<std::int64_t>& acks);
  void write(const Jobs& jobs);
  [[nodiscard]] bool applies_now(const IngestEvent& event, bool kafka) const;
  [[nodiscard]] bool waits_for_log(const IngestEvent& event, bool kafka) const;
  [[nodiscard]] std::vector<store::IntakeEvent> to_take(const Jobs& jobs, bool kafka) const;
  void settle(const Jobs& jobs, const std::vector<store::TakenEvent>& taken, bool kafka);
  void take_acks(std::span<const std::int64_t> acks);
  void look_for_acks();
  void forget(std::int64_t seq, const Job& job);
  void give_up(bool all);
  void answer(Job& job, const std::optional<Error>& error);

  IngestOptions m_options;
  Seams m_seams;
  metrics::Counter& m_accepted;
  metrics::Counter& m_duplicates;
  metrics::Counter& m_refused_for_now;
  std::unique_ptr<store::Intake> m_intake;

  // The writer's own.
  std::multimap<std::int64_t, std::shared_ptr<Job>> m_owed;  ///< jobs that wait for Kafka, by row
  std::deque<std::shared_ptr<Job>> m_patient;                ///< the same, by deadline
  SteadyTime m_looked{};

  std::atomic<std::size_t> m_waiting{0};
  std::atomic<std::int64_t> m_distrusted_until{0};  ///< steady milliseconds: Kafka let events wait too long

  std::mutex m_mutex;  ///< of what follows
  std::condition_variable_any m_changed;
  std::deque<std::shared_ptr<Job>> m_queue;
  std::vector<std::int64_t> m_acks;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::server
