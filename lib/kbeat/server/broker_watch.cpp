// Knows whether the broker answers, for everything in a server that depends on it.
#include "kbeat/server/broker_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kbeat/base/log.hpp"
#include "kbeat/pipeline/topics.hpp"

namespace kbeat::server {
namespace {

constexpr Milliseconds k_step{100};

}  // namespace

BrokerWatch::BrokerWatch(transport::Transport& transport, BrokerWatchOptions options,
                         PartitionCounts& partitions, Clock& clock)
    : m_transport(transport), m_options(std::move(options)), m_partitions(partitions), m_clock(clock) {
  if (transport.kind() != transport::TransportKind::kafka) {
    m_state.connection.connected = true;
    return;
  }
  m_thread = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

BrokerWatch::~BrokerWatch() {
  stop();
}

void BrokerWatch::stop() {
  m_thread.request_stop();
  if (m_thread.joinable()) m_thread.join();
}

BrokerState BrokerWatch::state() const {
  const std::lock_guard lock(m_mutex);
  return m_state;
}

bool BrokerWatch::has_topic(const TopicName& topic) const {
  const bool own = pipeline::is_own_topic(topic.get());
  if (m_transport.kind() != transport::TransportKind::kafka) return own;
  return m_partitions.knows(topic.get()) || (own && (m_options.make_topics || !connected()));
}

std::optional<Error> BrokerWatch::look_for(const TopicName& topic) {
  const auto unknown = [&topic](std::string_view why) {
    return Error(ErrorCode::unreachable,
                 fmt::format("nobody knows whether there is a topic {}: {}", topic.get(), why));
  };
  if (!connected()) return unknown("the broker is away, and it was not asked for before");
  try {
    const auto admin = m_transport.make_topic_admin(m_options.timeout);
    const std::size_t partitions = admin->topic(topic).partitions.size();
    // Topics of the embedded log come and go, and asking for them costs little.
    if (m_transport.kind() == transport::TransportKind::kafka)
      m_partitions.set(topic.get(), static_cast<int>(partitions));
  } catch (const Error& error) {
    return error.code() == ErrorCode::not_found ? error : unknown(error.what());
  }
  return std::nullopt;
}

void BrokerWatch::run(std::stop_token stop) {
  pipeline::ConnectLoop loop(
      m_options.connect, m_clock, [this] { look(); }, 0);
  while (!stop.stop_requested()) {
    Milliseconds pause = k_step;
    try {
      const bool heard = m_heard.exchange(false);
      if (!loop.state().connected) {
        heard ? loop.found() : loop.step();
      } else {
        look();
        pause = m_options.period;
      }
    } catch (const Error& error) {
      // Credentials that are refused may be mended while we run: the loop begins anew.
      loop.lost(error.what());
      pause = m_options.period;
    }
    {
      const std::lock_guard lock(m_mutex);
      m_state.connection = loop.state();
    }
    m_clock.wait(pause, stop);
  }
}

void BrokerWatch::look() {
  m_transport.make_topic_admin(m_options.timeout)->reach();
  if (!m_topics_known) learn_topics();
}

/// One topic that cannot be made keeps nobody from the others.
void BrokerWatch::learn_topics() {
  const auto admin = m_transport.make_topic_admin(m_options.timeout);
  std::vector<std::string> missing;
  for (const std::string& name : m_options.topics) {
    try {
      if (m_options.make_topics)
        pipeline::ensure_topics(m_transport, {&name, 1}, pipeline::MakeTopics::yes, m_options.timeout);
      m_partitions.set(name, static_cast<int>(admin->topic(TopicName{name}).partitions.size()));
    } catch (const Error& error) {
      const bool told = std::find(m_told.begin(), m_told.end(), name) != m_told.end();
      if (!told) log_warning("serve: topic {}: {}", name, error.what());
      missing.push_back(name);
    }
  }
  m_topics_known = missing.empty();
  m_told = missing;
  const std::lock_guard lock(m_mutex);
  m_state.missing_topics = std::move(missing);
}

}  // namespace kbeat::server
