// Takes events in: durable first, then to Kafka, or to the store while Kafka does not answer.
#include "kbeat/server/ingest.hpp"

#include <algorithm>
#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_in_transaction = 5000;
constexpr Milliseconds k_idle{1000};
/// Rows that another process' relay sends are found by looking.
constexpr Milliseconds k_look_every{100};
/// After events had to be applied here, Kafka is asked first again after this time, or by an acknowledgement.
constexpr Milliseconds k_distrust{5000};

std::int64_t steady_ms() {
  return std::chrono::duration_cast<Milliseconds>(steady_now().time_since_epoch()).count();
}

}  // namespace

std::string_view to_string(IngestMode mode) {
  switch (mode) {
    case IngestMode::kafka: return "kafka";
    case IngestMode::embedded: return "embedded";
    case IngestMode::direct: return "direct";
    case IngestMode::outbox: return "outbox";
  }
  return "outbox";
}

Ingest::Ingest(IngestOptions options, Seams seams, metrics::MetricRegistry& metrics)
    : m_options(std::move(options)),
      m_seams(std::move(seams)),
      m_accepted(metrics.counter("kbeat_ingest_accepted_total", "Events accepted by the server.")),
      m_duplicates(metrics.counter("kbeat_ingest_duplicates_total", "Events that were accepted before.")),
      m_refused_for_now(
          metrics.counter("kbeat_ingest_refused_for_now_total", "Requests told to come again later.")),
      m_intake(store::open_intake(m_options.data_dir, m_options.group, m_options.outbox_max_bytes)),
      m_thread([this](std::stop_token stop) { run(std::move(stop)); }) {}

Ingest::~Ingest() {
  stop();
}

void Ingest::stop() {
  m_thread.request_stop();
  m_changed.notify_all();
  if (m_thread.joinable()) m_thread.join();
}

bool Ingest::submit(std::vector<IngestEvent> events, Taking taking, IngestDone done) {
  const std::size_t count = events.size();
  if (m_waiting.load() + count > m_options.longest_queue) {
    m_refused_for_now.add();
    return false;
  }
  m_waiting += count;
  auto job =
      std::make_shared<Job>(Job{.events = std::move(events), .taking = taking, .done = std::move(done)});
  {
    const std::lock_guard lock(m_mutex);
    m_queue.push_back(std::move(job));
  }
  m_changed.notify_one();
  return true;
}

void Ingest::acknowledged(std::span<const std::int64_t> seqs) {
  {
    const std::lock_guard lock(m_mutex);
    m_acks.insert(m_acks.end(), seqs.begin(), seqs.end());
  }
  m_changed.notify_one();
}

bool Ingest::prefers_kafka() const {
  return m_options.kafka && m_seams.connected() && steady_ms() >= m_distrusted_until.load();
}

void Ingest::run(std::stop_token stop) {
  bool goes_on = true;
  while (goes_on) {
    Jobs jobs;
    std::vector<std::int64_t> acks;
    goes_on = gather(stop, jobs, acks);
    if (!jobs.empty()) write(jobs);
    take_acks(acks);
    look_for_acks();
    give_up(!goes_on);
  }
}

/// False once there is nothing left to do before a stop.
bool Ingest::gather(std::stop_token stop, Jobs& jobs, std::vector<std::int64_t>& acks) {
  std::unique_lock lock(m_mutex);
  const Milliseconds patience = m_patient.empty() ? k_idle : k_look_every;
  m_changed.wait_for(lock, stop, patience, [this] { return !m_queue.empty() || !m_acks.empty(); });
  std::size_t events = 0;
  while (!m_queue.empty() && events < k_most_in_transaction) {
    events += m_queue.front()->events.size();
    jobs.push_back(std::move(m_queue.front()));
    m_queue.pop_front();
  }
  acks.swap(m_acks);
  return !stop.stop_requested() || !m_queue.empty();
}

/// `kafka`: it is asked first at the moment.
bool Ingest::applies_now(const IngestEvent& event, bool kafka) const {
  if (!event.done) return false;
  return m_options.kafka ? !kafka : event.direct_without_kafka;
}

bool Ingest::waits_for_log(const IngestEvent& event, bool kafka) const {
  return !applies_now(event, kafka) && (kafka || !m_options.kafka);
}

std::vector<store::IntakeEvent> Ingest::to_take(const Jobs& jobs, bool kafka) const {
  std::vector<store::IntakeEvent> events;
  std::uint64_t batch = 0;
  for (const auto& job : jobs) {
    ++batch;
    for (const IngestEvent& event : job->events) {
      store::IntakeEvent made{.identity = event.identity,
                              .accepted_as = event.accepted_as,
                              .value_hash = event.hash,
                              .request_key = event.request_key,
                              .request_hash = event.request_hash,
                              .batch = job->taking == Taking::whole ? batch : 0,
                              .owed = {},
                              .apply = {}};
      if (m_options.kafka || !event.direct_without_kafka) made.owed = event.record;
      if (applies_now(event, kafka)) made.apply = event.done;
      events.push_back(std::move(made));
    }
  }
  return events;
}

void Ingest::write(const Jobs& jobs) {
  const bool kafka = prefers_kafka();
  std::vector<store::TakenEvent> taken;
  try {
    taken = m_intake->take(to_take(jobs, kafka));
  } catch (const Error& error) {
    log_warning("serve: events are refused for now: {}", error.what());
    for (const auto& job : jobs) answer(*job, error);
    return;
  }
  settle(jobs, taken, kafka);
}

void Ingest::settle(const Jobs& jobs, const std::vector<store::TakenEvent>& taken, bool kafka) {
  std::size_t at = 0;
  bool owes = false;
  for (const auto& job : jobs) {
    for (std::size_t i = 0; i < job->events.size(); ++i, ++at) {
      const bool applied = applies_now(job->events[i], kafka);
      IngestMode mode = applied ? IngestMode::direct : IngestMode::outbox;
      // A repetition whose row is gone: it was acknowledged.
      if (taken[at].taken == store::Taken::duplicate && taken[at].seq == 0 &&
          waits_for_log(job->events[i], kafka))
        mode = m_options.kafka ? IngestMode::kafka : IngestMode::embedded;
      job->answers.push_back({.taken = taken[at].taken, .mode = mode, .error = taken[at].error});
      if (taken[at].seq == 0) continue;
      owes = true;
      if (!waits_for_log(job->events[i], kafka)) continue;
      if (!job->owed.contains(taken[at].seq)) m_owed.emplace(taken[at].seq, job);
      job->owed.emplace(taken[at].seq, i);
    }
    if (job->owed.empty()) {
      answer(*job, std::nullopt);
    } else {
      job->deadline = steady_now() + m_options.kafka_wait;
      m_patient.push_back(job);
    }
  }
  if (owes) m_seams.nudge();
}

void Ingest::take_acks(std::span<const std::int64_t> acks) {
  if (!acks.empty()) m_distrusted_until = 0;
  for (const std::int64_t seq : acks) {
    for (auto found = m_owed.find(seq); found != m_owed.end(); found = m_owed.find(seq)) {
      const std::shared_ptr<Job> job = found->second;
      m_owed.erase(found);
      for (auto each = job->owed.find(seq); each != job->owed.end(); each = job->owed.find(seq)) {
        job->answers[each->second].mode = m_options.kafka ? IngestMode::kafka : IngestMode::embedded;
        job->owed.erase(each);
      }
      if (job->owed.empty()) answer(*job, std::nullopt);
    }
  }
  while (!m_patient.empty() && m_patient.front()->owed.empty()) m_patient.pop_front();
}

void Ingest::look_for_acks() {
  const SteadyTime now = steady_now();
  if (m_owed.empty() || now - m_looked < k_look_every) return;
  m_looked = now;
  std::vector<std::int64_t> seqs;
  for (const auto& [seq, job] : m_owed) seqs.push_back(seq);
  std::vector<std::int64_t> sent;
  const std::vector<std::int64_t> left = m_intake->unsent(seqs);
  std::set_difference(seqs.begin(), seqs.end(), left.begin(), left.end(), std::back_inserter(sent));
  take_acks(sent);
}

void Ingest::forget(std::int64_t seq, const Job& job) {
  for (auto [each, end] = m_owed.equal_range(seq); each != end; ++each) {
    if (each->second.get() != &job) continue;
    m_owed.erase(each);
    return;
  }
}

/// Events whose acknowledgement does not come are applied here; their rows stay owed to Kafka.
void Ingest::give_up(bool all) {
  Jobs late;
  std::vector<store::HandledEvent> events;
  const SteadyTime now = steady_now();
  while (!m_patient.empty() && (all || m_patient.front()->deadline <= now)) {
    const std::shared_ptr<Job> job = m_patient.front();
    m_patient.pop_front();
    if (job->owed.empty()) continue;
    for (const auto& [seq, index] : job->owed) {
      forget(seq, *job);
      if (!job->events[index].done) continue;
      events.push_back(*job->events[index].done);
      job->answers[index].mode = IngestMode::direct;
    }
    job->owed.clear();
    late.push_back(job);
  }
  if (late.empty()) return;
  if (m_options.kafka && !all) {
    log_warning("serve: Kafka did not acknowledge {} events in time: applied to the store", events.size());
    m_distrusted_until = steady_ms() + k_distrust.count();
  }
  std::optional<Error> failure;
  try {
    if (!events.empty()) m_intake->apply(events);
  } catch (const Error& error) {
    // They are durable in the outbox all the same; the client may repeat them without harm.
    failure = error;
  }
  for (const auto& job : late) answer(*job, failure);
}

void Ingest::answer(Job& job, const std::optional<Error>& error) {
  m_waiting -= job.events.size();
  if (!error) {
    for (const IngestAnswer& each : job.answers) {
      if (each.taken == store::Taken::accepted) m_accepted.add();
      if (each.taken == store::Taken::duplicate) m_duplicates.add();
    }
  }
  job.done(std::move(job.answers), error);
}

}  // namespace kbeat::server
