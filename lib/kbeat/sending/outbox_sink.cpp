// Rows by the hundred, one durable transaction each.
#include "kbeat/sending/outbox_sink.hpp"

namespace kbeat::sending {
namespace {

constexpr std::size_t k_rows_at_once = 1000;
constexpr std::size_t k_bytes_at_once = 8u << 20;
constexpr Milliseconds k_patience{3000};  // without any progress of the relay
constexpr Milliseconds k_look{20};

}  // namespace

OutboxSink::OutboxSink(transport::Transport& transport, const OpenStore& open_store, const std::string& owner,
                       Clock& clock, OnSettled on_settled)
    : m_store(open_store()),
      m_clock(clock),
      m_on_settled(std::move(on_settled)),
      m_relay(transport, open_store,
              {.owner = owner, .client_id = "kbeat-produce-relay", .make_topic = nullptr}) {}

void OutboxSink::send(const RecordView& record, std::uint64_t tag) {
  store::OutboxRow& row = m_rows.emplace_back();
  row.record = to_record(record);
  // It is sent later; its time is now.
  if (row.record.timestamp_type == TimestampType::none) {
    row.record.timestamp = m_clock.now();
    row.record.timestamp_type = TimestampType::create;
  }
  m_tags.push_back(tag);
  m_bytes += record.value ? record.value->size() : 0;
  if (m_rows.size() >= k_rows_at_once || m_bytes >= k_bytes_at_once) append();
}

void OutboxSink::serve() {}

void OutboxSink::flush(Milliseconds /*timeout*/) {
  append();
}

void OutboxSink::append() {
  if (m_rows.empty()) return;
  m_store->outbox().append(m_rows);
  m_relay.nudge();
  for (const std::uint64_t tag : m_tags) m_on_settled({.tag = tag, .kept = true});
  m_rows.clear();
  m_tags.clear();
  m_bytes = 0;
}

void OutboxSink::finish(Milliseconds timeout) {
  append();
  const SteadyTime deadline = m_clock.steady() + timeout;
  SteadyTime progress = m_clock.steady();
  std::int64_t before = left().waiting;
  while (before > 0 && m_clock.steady() < deadline && m_clock.steady() - progress < k_patience) {
    m_clock.wait(k_look, {});
    const std::int64_t now = left().waiting;
    if (now < before) progress = m_clock.steady();
    before = now;
  }
}

void OutboxSink::cut_short(Milliseconds timeout) {
  finish(timeout);
}

store::OutboxCounts OutboxSink::left() {
  return m_store->outbox().counts();
}

}  // namespace kbeat::sending
