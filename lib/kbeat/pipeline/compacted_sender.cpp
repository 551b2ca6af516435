// Transactions of at most one round of the relay, ended before the next round begins.
#include "kbeat/pipeline/compacted_sender.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds k_ask_limit{5000};
constexpr Milliseconds k_transaction_limit{10'000};
constexpr Milliseconds k_room_wait{100};

}  // namespace

CompactedSender::CompactedSender(transport::Transport& transport, std::string client_id)
    : m_transport(transport), m_client_id(std::move(client_id)) {}

bool CompactedSender::is_for(const TopicName& topic) {
  if (m_transport.kind() != transport::TransportKind::kafka) return false;
  Known& known = m_topics[topic];
  if (known.until > steady_now()) return known.compacted;
  known.until = steady_now() + 1min;
  try {
    const auto settings = m_transport.make_topic_admin(k_ask_limit)->config(topic);
    const auto policy = settings.find("cleanup.policy");
    known.compacted = policy != settings.end() && policy->second.find("compact") != std::string::npos;
  } catch (const Error& error) {
    // Without the right to see them the topic counts as what it counted before; a missing one is asked again.
    if (error.code() == ErrorCode::not_found) known.until = {};
    log_debug("relay: the settings of {} cannot be read: {}", topic.get(), error.what());
  }
  return known.compacted;
}

std::optional<Error> CompactedSender::send(const std::string& store_id, std::span<const Record> records) {
  try {
    if (!m_producer) {
      m_producer = m_transport.make_transactional_producer(
          {.client_id = m_client_id, .transactional_id = fmt::format("kbeat.outbox.{}", store_id)});
    }
    m_producer->begin();
    write(records);
    m_producer->commit(k_transaction_limit);
    return std::nullopt;
  } catch (const Error& error) {
    // A new producer of the id ends what is open, whatever state this one is in.
    m_producer.reset();
    return error;
  }
}

void CompactedSender::write(std::span<const Record> records) {
  std::vector<transport::Delivery> reports;
  const SteadyTime deadline = steady_now() + k_transaction_limit;
  for (const Record& record : records) {
    const RecordLoan loan(record);
    while (m_producer->send(loan.view(), 0) == transport::Accepted::queue_full) {
      m_producer->poll(k_room_wait, reports);
      if (steady_now() < deadline) continue;
      throw Error(ErrorCode::timed_out, fmt::format("{} took no record in time", record.topic.get()),
                  Retryable::yes);
    }
  }
  m_producer->flush(k_transaction_limit, reports);
  for (const transport::Delivery& report : reports) {
    if (report.error) throw Error(*report.error);
  }
}

}  // namespace kbeat::pipeline
