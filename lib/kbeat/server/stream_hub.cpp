// Hands what the feed reads to the fan-outs of all loops, and knows all clients.
#include "kbeat/server/stream_hub.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace kbeat::server {
namespace {

constexpr std::size_t k_inbox_records = 20'000;
/// What comes within this time goes out in one write a client.
constexpr Milliseconds k_flush_every{10};
/// While a client that reads has no room.
constexpr Milliseconds k_room_look{1};

}  // namespace

void LoopFanOut::put(const std::vector<std::shared_ptr<const LiveRecord>>& records, std::stop_token stop) {
  std::unique_lock lock(m_mutex);
  m_room.wait(lock, stop, [this] { return m_ended || m_inbox.size() < k_inbox_records; });
  if (m_ended || stop.stop_requested()) return;
  m_inbox.insert(m_inbox.end(), records.begin(), records.end());
  if (std::exchange(m_taking, true)) return;
  lock.unlock();
  m_loop.post([self = shared_from_this()] { self->take(); });
}

void LoopFanOut::take() {
  if (!m_fan_out.waits_for_room()) {
    if (m_done == m_in_hand.size()) refill();
    m_done += m_fan_out.deliver(std::span(m_in_hand).subspan(m_done));
    flush_soon();
  }
  if (m_done < m_in_hand.size() || m_fan_out.waits_for_room())
    return m_loop.call_after(k_room_look, [self = shared_from_this()] { self->take(); });
  const std::lock_guard lock(m_mutex);
  m_taking = !m_inbox.empty();
  if (m_taking) m_loop.post([self = shared_from_this()] { self->take(); });
}

void LoopFanOut::refill() {
  m_in_hand.clear();
  m_done = 0;
  {
    const std::lock_guard lock(m_mutex);
    m_in_hand.swap(m_inbox);
  }
  m_room.notify_all();
}

void LoopFanOut::flush_soon() {
  if (m_flush_planned) return;
  const SteadyTime now = steady_now();
  if (now - m_flushed >= k_flush_every) {
    m_flushed = now;
    return m_fan_out.flush();
  }
  m_flush_planned = true;
  m_loop.call_after(k_flush_every, [self = shared_from_this()] {
    self->m_flush_planned = false;
    self->m_flushed = steady_now();
    self->m_fan_out.flush();
  });
}

void LoopFanOut::end() {
  {
    const std::lock_guard lock(m_mutex);
    m_ended = true;
  }
  m_room.notify_all();
}

LoopFanOut& StreamHub::at(Loop& loop) {
  const std::lock_guard lock(m_mutex);
  const auto found = std::find_if(m_loops.begin(), m_loops.end(),
                                  [&](const auto& candidate) { return &candidate->loop() == &loop; });
  if (found != m_loops.end()) return **found;
  m_loops.push_back(std::make_shared<LoopFanOut>(loop));
  // Records published from now on reach it; `publish` holds the same lock.
  for (std::size_t slot = 0; slot < m_next.size(); ++slot)
    m_loops.back()->fan_out().begin(slot, m_partitions[slot], Offset{m_next[slot]});
  return *m_loops.back();
}

std::shared_ptr<Subscriber> StreamHub::join(const std::shared_ptr<LiveClient>& client, Subscription wanted) {
  FanOut& fan_out = at(client->loop()).fan_out();
  std::shared_ptr<Subscriber> made = fan_out.add(client, std::move(wanted));
  auto& form = m_forms[static_cast<std::size_t>(made->form)];
  ++form;
  ++m_clients;
  client->on_end([this, made, &fan_out, &form] {
    --form;
    --m_clients;
    made->client->loop().post([made, &fan_out] {
      fan_out.remove(*made);
      made->client.reset();
    });
  });
  return made;
}

void StreamHub::publish(const std::vector<std::shared_ptr<const LiveRecord>>& records, std::stop_token stop) {
  std::vector<std::shared_ptr<LoopFanOut>> loops;
  {
    const std::lock_guard lock(m_mutex);
    for (const auto& record : records) {
      m_next[record->slot] = record->view.offset.get() + 1;
      if (record->malformed) ++m_malformed;
    }
    loops = m_loops;
  }
  for (const auto& loop : loops) loop->put(records, stop);
}

void StreamHub::begin(std::size_t slot, const TopicPartition& partition, Offset next) {
  const std::lock_guard lock(m_mutex);
  if (m_partitions.size() <= slot) m_partitions.resize(slot + 1);
  if (m_next.size() <= slot) m_next.resize(slot + 1, 0);
  m_partitions[slot] = partition;
  m_next[slot] = next.get();
  for (const auto& loop : m_loops) {
    loop->loop().post([loop, slot, partition, next] { loop->fan_out().begin(slot, partition, next); });
  }
}

WantedForms StreamHub::wanted() const {
  WantedForms wanted{};
  for (std::size_t i = 0; i < k_live_forms; ++i) wanted[i] = m_forms[i].load() > 0;
  return wanted;
}

std::vector<TopicPartition> StreamHub::partitions() const {
  const std::lock_guard lock(m_mutex);
  return m_partitions;
}

HubCounts StreamHub::counts() const {
  const std::lock_guard lock(m_mutex);
  HubCounts counts{.fan_out = {}, .malformed = m_malformed};
  for (const auto& loop : m_loops) {
    const FanOutCounts each = loop->counts();
    counts.fan_out.delivered += each.delivered;
    counts.fan_out.dropped += each.dropped;
    counts.fan_out.closed_slow += each.closed_slow;
  }
  return counts;
}

}  // namespace kbeat::server
