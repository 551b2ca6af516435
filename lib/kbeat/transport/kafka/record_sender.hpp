// Queues records with librdkafka and gathers their delivery reports; what both kinds of producers are made
// of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kbeat/transport/kafka/kafka_client.hpp"
#include "kbeat/transport/producer.hpp"

namespace kbeat::transport {

/// The contracts of Producer hold for the functions of the same names. Destroying it takes back what was not
/// delivered, within 2 s, and says in the log how many records nobody heard of.
class RecordSender {
 public:
  explicit RecordSender(const ClientParts& parts);
  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  ~RecordSender();

  [[nodiscard]] Accepted send(const RecordView& record, std::uint64_t tag);
  void poll(Milliseconds timeout, std::vector<Delivery>& reports);
  void flush(Milliseconds timeout, std::vector<Delivery>& reports);
  [[nodiscard]] std::size_t pending() const { return m_pending + m_early.size(); }

  /// Takes back all that is queued or on its way; the reports follow within `timeout`.
  void take_back(Milliseconds timeout, std::vector<Delivery>& reports);
  /// Keeps reports that came while the caller waited for something else, for its next poll.
  void keep(std::vector<Delivery> reports);
  /// Learns what waits on the queue, and keeps the reports among it.
  void absorb();
  /// The first record that failed since `forget_failure`; those that were only taken back come last.
  [[nodiscard]] const std::optional<Error>& first_failure() const { return m_first_failure; }
  void forget_failure() { m_first_failure.reset(); }
  /// Where a record was refused since it was last asked for: the numbers of the partition's records have a
  /// gap there.
  [[nodiscard]] std::optional<TopicPartition> take_gap() { return std::exchange(m_gap, std::nullopt); }
  [[nodiscard]] KafkaClient& client() { return m_client; }

 private:
  [[nodiscard]] rd_kafka_topic_t* topic(std::string_view name);
  void take(rd_kafka_event_t& event, std::vector<Delivery>& reports);
  [[nodiscard]] Delivery report_of(const rd_kafka_message_t& message);
  [[nodiscard]] Error failure(rd_kafka_resp_err_t code, std::string_view topic, std::string_view detail);

  KafkaClient m_client;
  std::unordered_map<std::string, TopicHandle> m_topics;
  std::string m_last_name;
  rd_kafka_topic_t* m_last_topic = nullptr;
  std::vector<Delivery> m_early;
  std::optional<Error> m_first_failure;
  bool m_first_was_taken_back = false;
  std::optional<TopicPartition> m_gap;
  std::size_t m_pending = 0;  ///< with librdkafka
};

}  // namespace kbeat::transport
