// Brings a client that comes back from where it left off to what comes now, without a gap.
#include "kbeat/server/catch_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_catch_up_poll{100};
constexpr Milliseconds k_slow_client{20};
constexpr Milliseconds k_away{200};
constexpr std::size_t k_frames_a_turn = 200;
constexpr std::int64_t k_most_missing = 5000;
/// Of a partition. The client's pace counts, and several of them read at once.
constexpr std::size_t k_prefetch_bytes = 1u << 20;

/// One client's way through the past; on a thread of the pool.
class CatchUp {
 public:
  CatchUp(transport::Transport& transport, StreamHub& hub, const CatchUpOptions& options,
          std::shared_ptr<Subscriber> subscriber, std::shared_ptr<LiveClient> client, std::stop_token stop)
      : m_transport(transport),
        m_hub(hub),
        m_options(options),
        m_subscriber(std::move(subscriber)),
        m_client(std::move(client)),
        m_stop(std::move(stop)) {
    m_filter = filter_of(m_subscriber->wanted);
    m_wanted[static_cast<std::size_t>(m_subscriber->form)] = true;
  }

  void run() {
    start();
    while (!m_over && !m_stop.stop_requested()) {
      take(m_consumer->poll(k_catch_up_poll));
      if (is_even()) {
        try_to_join();
      } else {
        send();
      }
    }
  }

 private:
  /// Where each partition of the feed begins for this client. Partitions that its resume point does not name
  /// begin with what comes.
  void start() {
    // While the broker is away since the start, there is no past yet that could be read.
    while (m_hub.partitions().empty() && !m_over) {
      if (SystemClock().wait(k_away, m_stop) == Waited::stopped) return;
      on_loop([this] { m_over = m_client->ended(); });
    }
    std::vector<TopicPartition> partitions;
    m_slots.clear();
    for (const TopicPartition& partition : m_hub.partitions()) {
      m_slots.emplace(partition, m_slots.size());
      if (m_subscriber->wanted.wants_topic(partition.topic.get())) partitions.push_back(partition);
    }
    m_targets.assign(m_slots.size(), 0);
    std::vector<std::int64_t> now;
    on_loop([&] { now = m_hub.at(m_client->loop()).fan_out().next(); });
    if (m_over) return;
    const auto offsets = m_transport.make_offset_admin(m_options.timeout);
    m_consumer = m_transport.make_consumer(
        {.client_id = m_options.client_id, .group = {}, .topics = {}, .prefetch_bytes = k_prefetch_bytes});
    std::vector<Position> positions;
    for (const TopicPartition& partition : partitions) {
      const Offset next = first_of(partition, *offsets).value_or(Offset{now.at(m_slots.at(partition))});
      positions.push_back({partition, within_log({partition, next}, *offsets)});
      m_trail.set(partition, positions.back().next);
    }
    if (!positions.empty()) m_consumer->start(positions);
    try_to_join();
  }

  /// A place that the log does not have, or not any more, becomes the nearest that it has; told as a gap.
  [[nodiscard]] Offset within_log(const Position& wanted, transport::OffsetAdmin& offsets) {
    const std::vector<TopicPartition> one{wanted.partition};
    const Offset earliest = offsets.offsets(one, transport::LogEnd::earliest).front();
    const Offset latest = offsets.offsets(one, transport::LogEnd::latest).front();
    if (wanted.next >= earliest && wanted.next <= latest) return wanted.next;
    const Offset next = wanted.next < earliest ? earliest : latest;
    tell_gap(wanted, next);
    return next;
  }

  /// Nothing for a partition that the resume point does not name.
  [[nodiscard]] std::optional<Offset> first_of(const TopicPartition& partition,
                                               transport::OffsetAdmin& offsets) {
    const std::vector<TopicPartition> one{partition};
    const ResumePoint& from = m_subscriber->wanted.from;
    if (const auto* places = std::get_if<FromPositions>(&from)) {
      const auto found = places->next.find(partition);
      return found == places->next.end() ? std::nullopt : std::optional(found->second);
    }
    if (const auto* time = std::get_if<WallTime>(&from)) return offsets.offsets_at(one, *time).front();
    return offsets.offsets(one, transport::LogEnd::earliest).front();
  }

  void take(const transport::ConsumerEvent& event) {
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) take(record, batch->keep());
    } else if (const auto* end = std::get_if<transport::EndReached>(&event)) {
      m_trail.set(end->partition, end->next);
    } else if (const auto* gone = std::get_if<transport::OffsetGone>(&event)) {
      cross_gap(*gone);
    } else if (const auto* problem = std::get_if<transport::Problem>(&event)) {
      if (!problem->error.retryable()) throw problem->error;
    }
  }

  void take(const RecordView& record, const std::shared_ptr<const void>& keep) {
    const auto slot = m_slots.find({TopicName{std::string(record.topic)}, record.partition});
    if (slot == m_slots.end()) return;
    // What lies past the meeting point comes to the client anyhow.
    if (record.offset.get() >= m_targets[slot->second] && m_subscriber_holds) {
      m_trail.set(slot->first, Offset{record.offset.get() + 1});
      return;
    }
    const auto made = m_framer.make({record, keep, slot->second}, m_wanted, m_trail);
    const Frame& frame = made->frames[static_cast<std::size_t>(m_subscriber->form)];
    const bool wanted = frame && m_subscriber->wanted.wants_device(made->device) && m_filter.matches(record);
    if (wanted) m_frames.push_back(frame);
    if (m_frames.size() >= k_frames_a_turn) send();
  }

  /// Never silent: the client is told which records it cannot have any more.
  void tell_gap(const Position& wanted, Offset next) {
    const std::string text = fmt::format(
        R"({{"type":"gap","topic":"{}","partition":{},"wanted":{},"next":{}}})", wanted.partition.topic.get(),
        wanted.partition.partition.get(), wanted.next.get(), next.get());
    const bool event = m_client->form() == LiveStart::Form::event_stream;
    m_frames.push_back(make_frame(event ? "event: gap\ndata: " + text + "\n\n" : frame(Opcode::text, text)));
  }

  void cross_gap(const transport::OffsetGone& gone) {
    const Offset next = gone.wanted < gone.earliest ? gone.earliest : gone.latest;
    tell_gap({gone.partition, gone.wanted}, next);
    m_trail.set(gone.partition, next);
    m_consumer->start(std::vector<Position>{{gone.partition, next}});
  }

  [[nodiscard]] bool is_even() const {
    for (const auto& [partition, next] : m_trail.positions()) {
      const auto slot = m_slots.find(partition);
      if (slot != m_slots.end() && next.get() < m_targets[slot->second]) return false;
    }
    return true;
  }

  /// Runs on the client's loop and waits for it. On a stop nothing more runs there.
  void on_loop(const std::function<void()>& work) {
    struct Turn {
      std::mutex mutex;
      std::condition_variable_any done_or_stopped;
      bool done = false;
      bool cancelled = false;
    };
    const auto turn = std::make_shared<Turn>();
    m_client->loop().post([turn, &work] {
      const std::lock_guard lock(turn->mutex);
      if (turn->cancelled) return;
      work();
      turn->done = true;
      turn->done_or_stopped.notify_all();
    });
    std::unique_lock lock(turn->mutex);
    if (turn->done_or_stopped.wait(lock, m_stop, [&] { return turn->done; })) return;
    turn->cancelled = true;
    m_over = true;
  }

  /// At the client's pace.
  void send() {
    std::size_t sent = 0;
    SteadyTime moved = std::chrono::steady_clock::now();
    while (sent < m_frames.size() && !m_over) {
      const std::size_t before = sent;
      on_loop([this, &sent] {
        while (sent < m_frames.size() && m_client->has_room()) m_client->offer(m_frames[sent++]);
        note_reached(sent);
        m_client->flush();
        m_over = m_client->ended();
      });
      const SteadyTime now = std::chrono::steady_clock::now();
      if (sent > before) moved = now;
      if (now - moved > m_options.stall) give_up();
      if (sent < m_frames.size()) SystemClock().wait(k_slow_client, m_stop);
    }
    m_frames.clear();
  }

  /// On the loop: what the client would miss if it were closed now begins here.
  void note_reached(std::size_t sent) {
    std::vector<std::int64_t>& reached = m_subscriber->reached;
    const std::vector<std::int64_t>& delivered = m_hub.at(m_client->loop()).fan_out().next();
    reached.assign(m_slots.size(), 0);
    for (const auto& [partition, next] : m_trail.positions()) {
      const auto slot = m_slots.find(partition);
      if (slot == m_slots.end()) continue;
      // From its target on, what a holding client gets is what is delivered.
      const bool past = m_subscriber_holds && next.get() >= m_targets[slot->second];
      reached[slot->second] = past ? delivered.at(slot->second) : next.get();
    }
    const auto lower = [&reached](const Frame& unsent) {
      if (!unsent->origin) return;
      std::int64_t& place = reached.at(unsent->origin->slot);
      place = std::min(place, unsent->origin->offset);
    };
    std::for_each(m_frames.begin() + static_cast<std::ptrdiff_t>(sent), m_frames.end(), lower);
    std::for_each(m_subscriber->held.begin(), m_subscriber->held.end(), lower);
  }

  /// Its thread is one of few: others wait for it.
  void give_up() {
    on_loop([this] { m_client->close_as_slow(); });
    m_over = true;
  }

  void try_to_join() {
    send();
    if (m_over) return;
    on_loop([this] {
      m_over = m_client->ended();
      if (m_over) return;
      note_reached(0);
      if (m_subscriber->holding) return join();
      const std::vector<std::int64_t>& next = m_hub.at(m_client->loop()).fan_out().next();
      std::int64_t missing = 0;
      m_subscriber->starts.assign(next.begin(), next.end());
      for (const auto& [partition, reached] : m_trail.positions()) {
        const auto slot = m_slots.find(partition);
        if (slot == m_slots.end() || slot->second >= next.size()) continue;
        std::int64_t& start = m_subscriber->starts[slot->second];
        start = std::max(start, reached.get());
        m_targets[slot->second] = start;
        missing += start - reached.get();
      }
      if (missing > k_most_missing) return;
      // What comes from here on is held until the client has the rest of what went before.
      m_subscriber->holding = m_subscriber_holds = true;
      if (missing == 0) join();
    });
  }

  /// On the loop: the client has all that was delivered before; then comes what was held, then what comes.
  /// What is held beyond its room is sent at its pace first.
  void join() {
    std::vector<Frame>& held = m_subscriber->held;
    std::size_t given = 0;
    while (given < held.size() && m_client->has_room()) m_client->offer(held[given++]);
    m_frames.assign(held.begin() + static_cast<std::ptrdiff_t>(given), held.end());
    held.clear();
    m_client->flush();
    if (!m_frames.empty()) return;
    m_subscriber->holding = m_subscriber->catching_up = false;
    m_over = true;
  }

  transport::Transport& m_transport;
  StreamHub& m_hub;
  const CatchUpOptions& m_options;
  std::shared_ptr<Subscriber> m_subscriber;
  std::shared_ptr<LiveClient> m_client;
  std::stop_token m_stop;
  filter::Filter m_filter;
  WantedForms m_wanted{};
  RecordFramer m_framer;
  PositionTrail m_trail;
  std::map<TopicPartition, std::size_t> m_slots;
  std::vector<std::int64_t> m_targets;
  std::unique_ptr<transport::Consumer> m_consumer;
  std::vector<Frame> m_frames;
  bool m_subscriber_holds = false;  ///< as the subscriber's flag, for this thread
  bool m_over = false;
};

}  // namespace

CatchUps::CatchUps(transport::Transport& transport, StreamHub& hub, const CatchUpOptions& options)
    : m_transport(transport), m_hub(hub), m_options(options), m_pool(options.at_once, options.waiting) {}

CatchUps::~CatchUps() {
  m_stop.request_stop();
}

void CatchUps::begin(const std::shared_ptr<Subscriber>& subscriber) {
  const std::shared_ptr<LiveClient> client = subscriber->client;
  const bool taken = m_pool.try_run([this, subscriber, client] {
    try {
      CatchUp(m_transport, m_hub, m_options, subscriber, client, m_stop.get_token()).run();
    } catch (const Error& error) {
      log_warning("stream: a client cannot resume: {}", error.what());
      client->loop().post([client] { client->close(k_close_try_again, "the past cannot be read now"); });
    }
  });
  if (!taken) client->close(k_close_try_again, "too many clients read the past");
}

}  // namespace kbeat::server
