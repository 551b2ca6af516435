// Brings records to the clients of one loop, at the cost of those who get them.
#include "kbeat/server/fan_out.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_held = 20'000;
/// A close frame's reason has at most 123 bytes; the rest is for the words before.
constexpr std::size_t k_longest_places = 85;

LiveForm form_of(const LiveClient& client, const Subscription& wanted) {
  const bool event = client.form() == LiveStart::Form::event_stream;
  if (wanted.envelope) return event ? LiveForm::envelope_event : LiveForm::envelope_message;
  return event ? LiveForm::raw_event : LiveForm::raw_message;
}

}  // namespace

filter::Filter filter_of(const Subscription& wanted) {
  filter::Wanted conditions;
  conditions.where = wanted.where;
  return filter::Filter(conditions);
}

std::shared_ptr<Subscriber> FanOut::add(std::shared_ptr<LiveClient> client, Subscription wanted) {
  auto made = std::make_shared<Subscriber>();
  made->form = form_of(*client, wanted);
  made->client = std::move(client);
  made->wanted = std::move(wanted);
  made->number = ++m_joined;
  if (!made->wanted.where.empty()) {
    auto& shared = m_filters[made->wanted.where];
    if (!shared) {
      shared = std::make_unique<SharedFilter>();
      shared->filter = filter_of(made->wanted);
    }
    ++shared->users;
    made->filter = shared.get();
  }
  made->client->count_in(m_tally);
  made->client->on_slow([this, of = std::weak_ptr(made)](std::span<const Frame> unsent) {
    const auto subscriber = of.lock();
    return subscriber ? where_to_go_on(*subscriber, unsent) : std::string();
  });
  for (const std::string& device : made->wanted.devices) m_by_device[device].push_back(made.get());
  if (made->wanted.devices.empty()) m_of_all_devices.push_back(made.get());
  m_all.emplace(made->number, made);
  return made;
}

void FanOut::unlist(Listing& listing, const Subscriber& subscriber) {
  const auto found = std::find(listing.begin(), listing.end(), &subscriber);
  if (found == listing.end()) return;
  *found = listing.back();
  listing.pop_back();
}

void FanOut::remove(const Subscriber& subscriber) {
  const auto found = m_all.find(subscriber.number);
  if (found == m_all.end()) return;
  const std::shared_ptr<Subscriber> keep = found->second;
  m_all.erase(found);
  unlist(m_of_all_devices, *keep);
  for (const std::string& device : keep->wanted.devices) {
    const auto listing = m_by_device.find(device);
    if (listing == m_by_device.end()) continue;
    unlist(listing->second, *keep);
    if (listing->second.empty()) m_by_device.erase(listing);
  }
  if (keep->filter != nullptr && --keep->filter->users == 0) m_filters.erase(keep->wanted.where);
  keep->filter = nullptr;
}

void FanOut::set_next(std::size_t slot, std::int64_t next) {
  if (m_next.size() <= slot) m_next.resize(slot + 1, 0);
  m_next[slot] = next;
}

void FanOut::begin(std::size_t slot, const TopicPartition& partition, Offset next) {
  if (m_partitions.size() <= slot) m_partitions.resize(slot + 1);
  m_partitions[slot] = partition;
  set_next(slot, next.get());
}

/// For `from=`: each partition's next record for this client. When there are too many of them for a goodbye,
/// the last record that was sent before the first of the unsent ones.
std::string FanOut::where_to_go_on(const Subscriber& subscriber, std::span<const Frame> unsent) const {
  std::vector<std::int64_t> next = subscriber.catching_up ? subscriber.reached : m_next;
  std::optional<FrameOrigin> first;
  for (const Frame& frame : unsent) {
    if (!frame->origin || frame->origin->slot >= next.size()) continue;
    if (!first) first = frame->origin;
    next[frame->origin->slot] = std::min(next[frame->origin->slot], frame->origin->offset);
  }
  std::string places;
  for (std::size_t slot = 0; slot < std::min(next.size(), m_partitions.size()); ++slot) {
    const TopicPartition& partition = m_partitions[slot];
    if (!subscriber.wanted.wants_topic(partition.topic.get())) continue;
    places += fmt::format("{}{}/{}/{}", places.empty() ? "" : ",", partition.topic.get(),
                          partition.partition.get(), next[slot]);
  }
  if (!places.empty() && places.size() <= k_longest_places) return "; from=" + places;
  if (!first || first->slot >= m_partitions.size()) return {};
  const TopicPartition& partition = m_partitions[first->slot];
  return fmt::format("; last sent {}/{}/{}", partition.topic.get(), partition.partition.get(),
                     first->offset - 1);
}

bool FanOut::passes(Subscriber& subscriber, const LiveRecord& record) const {
  if ((subscriber.catching_up && !subscriber.holding) || !subscriber.wanted.wants_topic(record.view.topic))
    return false;
  const std::vector<std::int64_t>& starts = subscriber.starts;
  if (record.slot < starts.size() && record.view.offset.get() < starts[record.slot]) return false;
  SharedFilter* const filter = subscriber.filter;
  if (filter == nullptr) return true;
  if (filter->asked != &record) {
    filter->asked = &record;
    filter->answer = filter->filter.matches(record.view);
  }
  return filter->answer;
}

void FanOut::offer(Subscriber& subscriber, const LiveRecord& record) {
  if (!passes(subscriber, record)) return;
  Frame frame = record.frames[static_cast<std::size_t>(subscriber.form)];
  if (frame == nullptr) frame = framed_late(record, subscriber.form);
  if (subscriber.holding) return hold(subscriber, frame);
  const std::shared_ptr<LiveClient>& client = subscriber.client;
  if (client->offer(frame) == Offered::refused) return;
  if (!client->has_room() && m_patience.is_left() && client->is_worth_waiting_for(steady_now()))
    m_full.push_back(client);
  if (std::exchange(subscriber.dirty, true)) return;
  m_dirty.push_back(m_all.at(subscriber.number));
}

/// Who joined between a record's framing and its delivery may count on it: it is past where his catching up
/// ends.
Frame FanOut::framed_late(const LiveRecord& record, LiveForm form) {
  if (!m_late) m_late = std::make_unique<LateFramer>();
  if (m_late->asked != &record) {
    PositionTrail trail;
    for (std::size_t slot = 0; slot < m_partitions.size(); ++slot)
      trail.set(m_partitions[slot], Offset{m_next[slot]});
    WantedForms all;
    all.fill(true);
    m_late->asked = &record;
    m_late->answer = m_late->framer.make(record, all, trail);
  }
  return m_late->answer->frames[static_cast<std::size_t>(form)];
}

void FanOut::hold(Subscriber& subscriber, const Frame& frame) {
  if (subscriber.held.size() < k_most_held) return subscriber.held.push_back(frame);
  subscriber.client->close_as_slow();
}

std::size_t FanOut::deliver(std::span<const std::shared_ptr<const LiveRecord>> records) {
  std::size_t taken = 0;
  while (taken < records.size() && m_full.empty()) deliver(*records[taken++]);
  for (const auto& [where, filter] : m_filters) filter->asked = nullptr;
  m_late.reset();
  return taken;
}

void FanOut::deliver(const LiveRecord& record) {
  set_next(record.slot, record.view.offset.get() + 1);
  if (record.malformed) return;
  for (Subscriber* const subscriber : m_of_all_devices) offer(*subscriber, record);
  if (!record.device) return;
  const auto found = m_by_device.find(*record.device);
  if (found == m_by_device.end()) return;
  for (Subscriber* const subscriber : found->second) offer(*subscriber, record);
}

bool FanOut::waits_for_room() {
  const SteadyTime now = steady_now();
  if (m_full.empty()) {
    m_patience.recover(now);
    return false;
  }
  m_patience.spend(now);
  std::erase_if(m_full, [now](const auto& client) { return !client->is_worth_waiting_for(now); });
  if (!m_patience.is_left()) m_full.clear();
  return !m_full.empty();
}

FanOutCounts FanOut::counts() const {
  return {.delivered = m_tally->delivered, .dropped = m_tally->dropped, .closed_slow = m_tally->closed_slow};
}

void FanOut::flush() {
  for (const auto& subscriber : std::exchange(m_dirty, {})) {
    subscriber->dirty = false;
    if (subscriber->client) subscriber->client->flush();  // else it is gone since
  }
}

}  // namespace kbeat::server
