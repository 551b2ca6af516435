// The relay's thread: waiting rows out, reports back in.
#include "kbeat/pipeline/relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "kbeat/base/host_name.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/model/dead_letter.hpp"
#include "kbeat/model/letter_facts.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/transport/partitioner.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_rows_at_once = 500;
constexpr Milliseconds k_idle{500};
constexpr Milliseconds k_report_wait{100};
constexpr Milliseconds k_longest_hold{1000};

bool is_permanent(const Error& error) {
  return error.code() == ErrorCode::too_large || error.code() == ErrorCode::bad_input;
}

bool is_fatal(const Error& error) {
  return error.code() == ErrorCode::fenced || error.code() == ErrorCode::internal;
}

/// Nothing when the record is no letter that the store has, or has lost its value already.
std::optional<Record> without_value(store::Store& store, const Record& record) {
  try {
    const RecordLoan loan(record);
    const auto facts = find_letter_facts(loan.view().headers);
    if (!facts) return std::nullopt;
    const auto own =
        store.letters().find(std::string(facts->cluster), std::string(facts->group),
                             {TopicName{std::string(facts->topic)}, facts->partition}, facts->offset);
    return own ? spilled_letter(record, host_name()) : std::nullopt;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_input) throw;
    return std::nullopt;  // headers that say nothing: somebody else's
  }
}

}  // namespace

Relay::Relay(transport::Transport& transport, std::function<std::unique_ptr<store::Store>()> open_store,
             RelayOptions options)
    : m_transport(transport),
      m_open_store(std::move(open_store)),
      m_options(std::move(options)),
      m_compacted(transport, m_options.client_id) {
  m_thread = std::jthread([this](std::stop_token stop) { run(stop); });
}

Relay::~Relay() {
  m_thread.request_stop();
  m_nudged.notify_all();
}

void Relay::nudge() {
  const std::lock_guard lock(m_mutex);
  m_has_news = true;
  m_nudged.notify_all();
}

void Relay::await_empty(store::Outbox& outbox, Milliseconds timeout, Clock& clock) {
  const SteadyTime deadline = clock.steady() + timeout;
  store::OutboxCounts counts = outbox.counts();
  while (counts.waiting > 0 && !m_forbidden.load() && clock.steady() < deadline) {
    nudge();
    clock.wait(Milliseconds{20}, {});
    counts = outbox.counts();
  }
  if (counts.waiting == 0 && counts.parked == 0) return;
  throw Error(
      ErrorCode::undelivered,
      counts.waiting == 0
          ? fmt::format("{} records cannot be sent and are parked in the store: kbeat outbox list says why, "
                        "kbeat outbox flush --parked tries again",
                        counts.parked)
          : fmt::format("{} records wait in the store for their topics ({} of them dead letters, {} parked); "
                        "those that wait are sent by the next run",
                        counts.waiting + counts.parked, counts.waiting_letters, counts.parked));
}

void Relay::run(std::stop_token stop) {
  std::unique_ptr<store::Store> store;
  std::uint64_t failures = 0;
  while (!stop.stop_requested()) {
    bool busy = false;
    try {
      if (!store) store = m_open_store();
      if (m_store_id.empty()) m_store_id = store->positions().store_id();
      busy = pump(*store, stop);
      failures = 0;
      m_forbidden = false;
    } catch (const Error& error) {
      log_warning("relay: {}", error.what());
      m_forbidden = error.code() == ErrorCode::configuration;
      m_producer.reset();
      m_out.clear();
      ++failures;
    }
    if (busy) continue;
    const Milliseconds pause = failures > 0 ? backoff_delay(m_options.backoff, failures, 0.5) : k_idle;
    std::unique_lock lock(m_mutex);
    m_nudged.wait_for(lock, stop, pause, [&] { return m_has_news && failures == 0; });
    m_has_news = false;
  }
  if (store) end_lease(*store);
}

/// The next process need not wait for the lease to run out.
void Relay::end_lease(store::Store& store) {
  try {
    if (m_leased) std::ignore = store.outbox().lease(m_options.owner, Milliseconds{0});
  } catch (const Error& error) {
    log_debug("relay: its lease ends by itself: {}", error.what());
  }
}

bool Relay::pump(store::Store& store, std::stop_token stop) {
  if (store.outbox().counts().waiting == 0) return false;
  m_leased = store.outbox().lease(m_options.owner, m_options.lease);
  if (!m_leased) return false;
  const std::vector<std::string> held = held_topics();
  std::vector<store::OutboxRow> rows = store.outbox().waiting(0, k_rows_at_once, held);
  if (rows.empty()) return false;
  keep_suspect_alone(rows);
  send_all(store, rows, stop);
  if (std::exchange(m_rebuild, false)) m_producer.reset();
  if (!m_holds.empty()) m_partition_counts.clear();
  return true;
}

/// A broker refuses a whole batch for one record that is too large: each record of such a batch is tried
/// again by itself, so that none is parked for another's size.
void Relay::keep_suspect_alone(std::vector<store::OutboxRow>& rows) {
  const auto found = std::find_if(
      rows.begin(), rows.end(), [this](const store::OutboxRow& row) { return m_suspects.contains(row.seq); });
  if (found == rows.end()) return m_suspects.clear();
  rows = {*found};
}

void Relay::send_all(store::Store& store, std::span<store::OutboxRow> rows, const std::stop_token& stop) {
  for (store::OutboxRow& row : rows)
    row.record.headers.push_back({std::string(names::k_outbox), fmt::format("{}/{}", m_store_id, row.seq)});
  const auto is_plain = [this](const store::OutboxRow& row) { return !m_compacted.is_for(row.record.topic); };
  const auto compacted = std::stable_partition(rows.begin(), rows.end(), is_plain);
  if (compacted != rows.begin()) {
    if (!m_producer)
      m_producer = m_transport.make_producer(
          {.client_id = m_options.client_id, .sends = transport::Sends::outbox_rows});
    send({rows.begin(), compacted});
    settle(store, stop);
  }
  if (compacted != rows.end()) send_compacted(store, {compacted, rows.end()});
}

void Relay::send_compacted(store::Store& store, std::span<const store::OutboxRow> rows) {
  std::vector<Record> records;
  std::vector<std::int64_t> seqs;
  for (const store::OutboxRow& row : rows) {
    records.push_back(row.record);
    seqs.push_back(row.seq);
  }
  const std::optional<Error> error = m_compacted.send(m_store_id, records);
  if (!error) return sent(store, seqs);
  if (is_permanent(*error) && rows.size() > 1) {
    m_suspects.insert(seqs.begin(), seqs.end());
    return;
  }
  if (!is_permanent(*error)) {
    for (const store::OutboxRow& row : rows) hold(row.record.topic, *error);
  }
  failed(store, rows.front(), *error);
}

void Relay::send(std::span<store::OutboxRow> rows) {
  const SteadyTime begun = steady_now();
  for (store::OutboxRow& row : rows) {
    // Whoever slept meanwhile has to look at its lease again before it sends more.
    if (steady_now() - begun > k_longest_hold) return;
    if (!row.letter.empty() && !row.record.key) row.record.partition = partition_of(row);
    const RecordLoan loan(row.record);
    const auto tag = static_cast<std::uint64_t>(row.seq);
    m_out.emplace(row.seq, row);
    try {
      if (m_producer->send(loan.view(), tag) == transport::Accepted::queue_full) {
        m_out.erase(row.seq);  // comes again with the next round
        return;
      }
    } catch (const Error& error) {
      m_refused.push_back({.tag = tag, .partition = {}, .offset = {}, .error = error});
    }
  }
}

/// A letter without a key goes by its identity, so that a second copy lies behind the first.
Partition Relay::partition_of(const store::OutboxRow& row) {
  auto known = m_partition_counts.find(row.record.topic.get());
  if (known == m_partition_counts.end()) {
    int count = 0;
    try {
      count = static_cast<int>(
          m_transport.make_topic_admin(m_options.lease)->topic(row.record.topic).partitions.size());
    } catch (const Error& error) {
      log_debug("relay: {}", error.what());  // sending to it will tell
    }
    known = m_partition_counts.emplace(row.record.topic.get(), count).first;
  }
  return known->second > 0 ? transport::partition_of_key(row.letter, known->second) : Partition{-1};
}

void Relay::settle(store::Store& store, std::stop_token stop) {
  std::vector<transport::Delivery> reports = std::exchange(m_refused, {});
  const SteadyTime deadline = steady_now() + m_options.lease;
  m_producer->flush(Milliseconds{0}, reports);
  while (true) {
    take_reports(store, reports);
    reports.clear();
    if (m_out.empty()) return;
    if (m_rebuild || stop.stop_requested() || steady_now() > deadline) break;
    m_producer->poll(k_report_wait, reports);
  }
  // What has no report yet is sent again later, by a new producer, under the same event id.
  m_out.clear();
  m_producer.reset();
}

void Relay::take_reports(store::Store& store, const std::vector<transport::Delivery>& reports) {
  std::vector<std::int64_t> seqs;
  for (const transport::Delivery& report : reports) {
    const auto found = m_out.find(static_cast<std::int64_t>(report.tag));
    if (found == m_out.end()) continue;
    if (report.error) {
      failed(store, found->second, *report.error);
    } else {
      seqs.push_back(found->first);
      m_holds.erase(found->second.record.topic.get());
    }
    m_out.erase(found);
  }
  if (!seqs.empty()) sent(store, seqs);
}

void Relay::sent(store::Store& store, const std::vector<std::int64_t>& seqs) {
  for (const std::int64_t seq : seqs) m_suspects.erase(seq);
  store.outbox().mark_sent(seqs);
  if (m_options.on_sent) m_options.on_sent(seqs);
}

void Relay::failed(store::Store& store, const store::OutboxRow& row, const Error& error) {
  if (error.code() == ErrorCode::too_large && m_suspects.insert(row.seq).second) return;
  if (error.code() == ErrorCode::too_large && spill(store, row)) return;
  if (is_permanent(error)) {
    m_suspects.erase(row.seq);
    log_error("relay: row {} for {} can never be sent and is parked: {}", row.seq, row.record.topic.get(),
              error.what());
    store.outbox().park(row.seq, error.what());
    return;
  }
  if (is_fatal(error)) m_rebuild = true;
  hold(row.record.topic, error);
  if (error.code() == ErrorCode::not_found && m_options.make_topic) m_options.make_topic(row.record.topic);
}

/// A letter of this store goes without the value that its topic does not take: the store keeps that. False
/// for what is none, or is too large even so.
bool Relay::spill(store::Store& store, const store::OutboxRow& row) {
  const std::optional<Record> small = without_value(store, row.record);
  if (!small) return false;
  log_warning("relay: a dead letter is too large for {}: it goes without its value, which stays in the store",
              row.record.topic.get());
  store.outbox().replace(row.seq, *small);
  return true;
}

void Relay::hold(const TopicName& topic, const Error& error) {
  Hold& hold = m_holds[topic.get()];
  if (hold.until > steady_now()) return;
  ++hold.failures;
  hold.until = steady_now() + backoff_delay(m_options.backoff, hold.failures, 0.5);
  log_warning("relay: {} does not take records (they wait in the store): {}", topic.get(), error.what());
}

std::vector<std::string> Relay::held_topics() {
  std::vector<std::string> held;
  for (const auto& [topic, hold] : m_holds) {
    if (hold.until > steady_now()) held.push_back(topic);
  }
  return held;
}

}  // namespace kbeat::pipeline
