// Sends outbox rows into compacted topics, where an old row behind a newer one would be the last word.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// On Kafka only: a relay that slept past its lease still holds rows that its successor has sent already. In
/// transactions of one id a store, the successor fences it. Used by the relay's thread.
class CompactedSender {
 public:
  CompactedSender(transport::Transport& transport, std::string client_id);

  /// True for a topic that is compacted, as far as its settings can be read. Asks once a minute and topic.
  [[nodiscard]] bool is_for(const TopicName& topic);

  /// One transaction. Returns nothing when all records are stored, else the first error: then none is.
  [[nodiscard]] std::optional<Error> send(const std::string& store_id, std::span<const Record> records);

 private:
  struct Known {
    bool compacted = false;
    SteadyTime until;
  };

  void write(std::span<const Record> records);

  transport::Transport& m_transport;
  std::string m_client_id;
  std::map<TopicName, Known> m_topics;
  std::unique_ptr<transport::TransactionalProducer> m_producer;
};

}  // namespace kbeat::pipeline
