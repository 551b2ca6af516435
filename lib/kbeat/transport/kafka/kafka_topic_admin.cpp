// Topic requests and the wait until the cluster's metadata shows what they did.
#include "kbeat/transport/kafka/kafka_topic_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>

#include "kbeat/transport/kafka/admin_call.hpp"
#include "kbeat/transport/kafka/kafka_errors.hpp"
#include "kbeat/transport/kafka/kafka_metadata.hpp"

namespace kbeat::transport {
namespace {

using std::chrono::steady_clock;
using NewTopic = Handle<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using DeleteTopic = Handle<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using NewPartitions = Handle<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;
using ConfigResource = Handle<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

constexpr Milliseconds k_look_again{20};

/// Of a request about one topic.
void check_topics(const rd_kafka_topic_result_t** results, std::size_t count, const TopicName& topic,
                  std::string_view doing) {
  for (const rd_kafka_topic_result_t* result : std::span(results, count)) {
    const auto code = rd_kafka_topic_result_error(result);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      throw Error(ErrorCode::busy, fmt::format("topic {} exists already", topic.get()));
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
      throw Error(ErrorCode::not_found, fmt::format("topic {} does not exist", topic.get()));
    const char* reason = rd_kafka_topic_result_error_string(result);
    throw to_error(code, doing, reason != nullptr ? reason : "");
  }
}

NewTopic to_new_topic(const TopicSpec& spec, std::string_view doing) {
  std::array<char, 256> reason{};
  NewTopic topic(rd_kafka_NewTopic_new(spec.topic.get().c_str(), spec.partitions, spec.replication,
                                       reason.data(), reason.size()));
  if (!topic) throw Error(ErrorCode::bad_input, fmt::format("{} failed: {}", doing, reason.data()));
  for (const auto& [name, value] : spec.config) {
    const auto code = rd_kafka_NewTopic_set_config(topic.get(), name.c_str(), value.c_str());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, doing);
  }
  return topic;
}

bool is_ready(const std::optional<TopicInfo>& info, int partitions) {
  return info && info->partitions.size() == static_cast<std::size_t>(partitions) &&
         std::all_of(info->partitions.begin(), info->partitions.end(),
                     [](const PartitionInfo& partition) { return partition.leader >= 0; });
}

void check_resource(const rd_kafka_ConfigResource_t& resource, std::string_view doing) {
  const auto code = rd_kafka_ConfigResource_error(&resource);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* reason = rd_kafka_ConfigResource_error_string(&resource);
  throw to_error(code, doing, reason != nullptr ? reason : "");
}

ConfigResource topic_resource(const TopicName& topic) {
  return ConfigResource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.get().c_str()));
}

}  // namespace

KafkaTopicAdmin::KafkaTopicAdmin(const ClientParts& parts, Milliseconds timeout)
    : m_client(RD_KAFKA_CONSUMER, parts), m_timeout(timeout) {}

void KafkaTopicAdmin::reach() {
  reach_brokers(m_client, m_timeout);
}

ClusterInfo KafkaTopicAdmin::cluster() {
  return fetch_cluster(m_client, m_timeout);
}

TopicInfo KafkaTopicAdmin::topic(const TopicName& topic) {
  if (auto info = fetch_topic(m_client, topic, m_timeout)) return *std::move(info);
  throw Error(ErrorCode::not_found,
              fmt::format("topic {0} does not exist; make it with: kbeat topics create {0}", topic.get()));
}

void KafkaTopicAdmin::create(const TopicSpec& spec) {
  request_topic(spec, Effect::real);
  wait_until(spec.topic, [&](const auto& info) {
    return is_ready(
        info, spec.partitions > 0 ? spec.partitions : static_cast<int>(info ? info->partitions.size() : 0));
  });
}

void KafkaTopicAdmin::rehearse(const TopicSpec& spec) {
  if (!fetch_topic(m_client, spec.topic, m_timeout)) return request_topic(spec, Effect::rehearsed);
  if (!spec.config.empty()) alter(spec.topic, spec.config, Effect::rehearsed);
}

void KafkaTopicAdmin::request_topic(const TopicSpec& spec, Effect effect) {
  check_topic_name(spec.topic.get());
  const std::string doing = fmt::format("creating topic {}", spec.topic.get());
  const NewTopic topic = to_new_topic(spec, doing);
  const AdminCall call{RD_KAFKA_ADMIN_OP_CREATETOPICS, doing, m_timeout, effect};
  const EventHandle event = run_admin(m_client, call, [&](const auto* options, auto* queue) {
    std::array topics{topic.get()};
    rd_kafka_CreateTopics(m_client.get(), topics.data(), topics.size(), options, queue);
  });
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  check_topics(results, count, spec.topic, doing);
}

void KafkaTopicAdmin::remove(const TopicName& topic) {
  const std::string doing = fmt::format("deleting topic {}", topic.get());
  const DeleteTopic target(rd_kafka_DeleteTopic_new(topic.get().c_str()));
  const EventHandle event = run_admin(
      m_client, {RD_KAFKA_ADMIN_OP_DELETETOPICS, doing, m_timeout}, [&](const auto* options, auto* queue) {
        std::array topics{target.get()};
        rd_kafka_DeleteTopics(m_client.get(), topics.data(), topics.size(), options, queue);
      });
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  check_topics(results, count, topic, doing);
  wait_until(topic, [](const auto& info) { return !info; });
}

std::map<std::string, std::string> KafkaTopicAdmin::config(const TopicName& topic) {
  return describe(topic, Which::all);
}

std::map<std::string, std::string> KafkaTopicAdmin::describe(const TopicName& topic, Which which) {
  const std::string doing = fmt::format("reading the configuration of topic {}", topic.get());
  const ConfigResource resource = topic_resource(topic);
  const EventHandle event = run_admin(
      m_client, {RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, doing, m_timeout}, [&](const auto* options, auto* queue) {
        std::array resources{resource.get()};
        rd_kafka_DescribeConfigs(m_client.get(), resources.data(), resources.size(), options, queue);
      });
  std::size_t count = 0;
  const auto** found =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  std::map<std::string, std::string> values;
  for (const rd_kafka_ConfigResource_t* described : std::span(found, count)) {
    check_resource(*described, doing);
    std::size_t entries = 0;
    const auto** entry = rd_kafka_ConfigResource_configs(described, &entries);
    for (const rd_kafka_ConfigEntry_t* one : std::span(entry, entries)) {
      const bool on_topic = rd_kafka_ConfigEntry_source(one) == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG;
      const char* value = rd_kafka_ConfigEntry_value(one);
      if (value == nullptr || (which == Which::set_on_topic && !on_topic)) continue;
      values[rd_kafka_ConfigEntry_name(one)] = value;
    }
  }
  return values;
}

void KafkaTopicAdmin::set_config(const TopicName& topic, const std::map<std::string, std::string>& values) {
  alter(topic, values, Effect::real);
}

void KafkaTopicAdmin::alter(const TopicName& topic, const std::map<std::string, std::string>& values,
                            Effect effect) {
  // AlterConfigs takes the whole set: what is not named falls back to the default.
  std::map<std::string, std::string> wanted = values;
  wanted.merge(describe(topic, Which::set_on_topic));
  const std::string doing = fmt::format("configuring topic {}", topic.get());
  const ConfigResource resource = topic_resource(topic);
  for (const auto& [name, value] : wanted) {
    const auto code = rd_kafka_ConfigResource_set_config(resource.get(), name.c_str(), value.c_str());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) throw to_error(code, doing);
  }
  const AdminCall call{RD_KAFKA_ADMIN_OP_ALTERCONFIGS, doing, m_timeout, effect};
  const EventHandle event = run_admin(m_client, call, [&](const auto* options, auto* queue) {
    std::array resources{resource.get()};
    rd_kafka_AlterConfigs(m_client.get(), resources.data(), resources.size(), options, queue);
  });
  std::size_t count = 0;
  const auto** altered =
      rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event.get()), &count);
  for (const rd_kafka_ConfigResource_t* one : std::span(altered, count)) check_resource(*one, doing);
}

void KafkaTopicAdmin::add_partitions(const TopicName& topic, int total) {
  const std::string doing = fmt::format("adding partitions to topic {}", topic.get());
  std::array<char, 256> reason{};
  const NewPartitions wanted(rd_kafka_NewPartitions_new(
      topic.get().c_str(), static_cast<std::size_t>(std::max(0, total)), reason.data(), reason.size()));
  if (!wanted) throw Error(ErrorCode::bad_input, fmt::format("{} failed: {}", doing, reason.data()));
  const EventHandle event = run_admin(m_client, {RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, doing, m_timeout},
                                      [&](const auto* options, auto* queue) {
                                        std::array partitions{wanted.get()};
                                        rd_kafka_CreatePartitions(m_client.get(), partitions.data(),
                                                                  partitions.size(), options, queue);
                                      });
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(event.get()), &count);
  check_topics(results, count, topic, doing);
  wait_until(topic, [&](const auto& info) { return is_ready(info, total); });
}

void KafkaTopicAdmin::wait_until(const TopicName& topic,
                                 const std::function<bool(const std::optional<TopicInfo>&)>& seen) {
  const SteadyTime deadline = steady_clock::now() + m_timeout;
  while (!seen(fetch_topic(m_client, topic, m_timeout))) {
    if (steady_clock::now() > deadline) {
      throw Error(
          ErrorCode::timed_out,
          fmt::format("the cluster took the change of topic {} but does not show it yet", topic.get()),
          Retryable::yes);
    }
    std::this_thread::sleep_for(k_look_again);
  }
}

}  // namespace kbeat::transport
