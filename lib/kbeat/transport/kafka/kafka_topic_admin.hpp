// Topics of a Kafka cluster: list, make, delete, configure.
#pragma once

#include <functional>
#include <memory>

#include "kbeat/transport/admin.hpp"
#include "kbeat/transport/kafka/admin_call.hpp"
#include "kbeat/transport/kafka/kafka_client.hpp"

namespace kbeat::transport {

class KafkaTopicAdmin final : public TopicAdmin {
 public:
  KafkaTopicAdmin(const ClientParts& parts, Milliseconds timeout);

  void reach() override;
  [[nodiscard]] ClusterInfo cluster() override;
  [[nodiscard]] TopicInfo topic(const TopicName& topic) override;
  /// Returns once every partition has a leader.
  void create(const TopicSpec& spec) override;
  void rehearse(const TopicSpec& spec) override;
  /// Returns once the topic cannot be seen any more.
  void remove(const TopicName& topic) override;
  [[nodiscard]] std::map<std::string, std::string> config(const TopicName& topic) override;
  void set_config(const TopicName& topic, const std::map<std::string, std::string>& values) override;
  void add_partitions(const TopicName& topic, int total) override;

 private:
  enum class Which { all, set_on_topic };
  void request_topic(const TopicSpec& spec, Effect effect);
  void alter(const TopicName& topic, const std::map<std::string, std::string>& values, Effect effect);
  [[nodiscard]] std::map<std::string, std::string> describe(const TopicName& topic, Which which);
  void wait_until(const TopicName& topic, const std::function<bool(const std::optional<TopicInfo>&)>& seen);

  KafkaClient m_client;
  Milliseconds m_timeout;
};

}  // namespace kbeat::transport
