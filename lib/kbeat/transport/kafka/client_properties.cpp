// The layers of properties: house, preset, options, user, reserved.
#include "kbeat/transport/kafka/client_properties.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "kbeat/transport/kafka/handles.hpp"
#include "kbeat/transport/kafka/kafka_facts.hpp"

namespace kbeat::transport {
namespace {

struct Reserved {
  std::string_view property;
  std::string_view reason;
};

constexpr std::string_view k_commits_itself = "kbeat commits after its own store has";
constexpr std::array k_reserved{
    Reserved{"enable.auto.commit", k_commits_itself},
    Reserved{"auto.commit.enable", k_commits_itself},
    Reserved{"enable.auto.offset.store", k_commits_itself},
    Reserved{"auto.commit.interval.ms", k_commits_itself},
    Reserved{"auto.offset.reset",
             "a missing offset is reported, never skipped; use --offset to choose the start"},
    Reserved{"enable.partition.eof", "kbeat needs the ends of partitions"},
    Reserved{"group.id", "use --group"},
    Reserved{"transactional.id", "kbeat chooses it by what it fences"},
    Reserved{"delivery.report.only.error", "every record is confirmed"},
    Reserved{"log.queue", "librdkafka's log goes into kbeat's"},
    Reserved{"enable.gapless.guarantee", "a failed record must not stop the others"},
};

bool is_loopback(std::string_view broker) {
  return broker.starts_with("localhost") || broker.starts_with("127.");
}

void add(Properties& into, const Properties& more) {
  into.insert(into.end(), more.begin(), more.end());
}

Properties common_defaults(const config::KafkaSettings& settings, const std::string& client_id) {
  Properties properties{{"bootstrap.servers", fmt::format("{}", fmt::join(settings.brokers, ","))},
                        {"client.id", client_id},
                        {"socket.timeout.ms", "10000"},
                        {"socket.keepalive.enable", "true"},
                        {"reconnect.backoff.ms", "50"},
                        {"reconnect.backoff.max.ms", "500"},
                        {"topic.metadata.propagation.max.ms", "5000"}};
  // A broker on loopback seldom listens on ::1, and trying it first costs a round of back-off.
  if (!settings.brokers.empty() &&
      std::all_of(settings.brokers.begin(), settings.brokers.end(), is_loopback)) {
    properties.emplace_back("broker.address.family", "v4");
  }
  return properties;
}

/// Of librdkafka: patterns of topics that no pattern of a subscription stands for.
std::string passed_over(const ConsumerOptions& options) {
  std::string list = "^__consumer_offsets$,^__transaction_state$,^__share_group_state$";
  for (const TopicName& topic : options.passed_over) {
    list += ",^";
    for (const char c : topic.get()) list += c == '.' ? "[.]" : std::string(1, c);
    list += '$';
  }
  return list;
}

Properties consumer_defaults(const ConsumerOptions& options) {
  const auto session = options.session_timeout.count();
  Properties properties{
      {"isolation.level",
       options.isolation == Isolation::read_committed ? "read_committed" : "read_uncommitted"},
      {"session.timeout.ms", std::to_string(session)},
      {"heartbeat.interval.ms", std::to_string(std::clamp<std::int64_t>(session / 6, 100, 3000))},
      {"max.poll.interval.ms", std::to_string(std::max<std::int64_t>(session, 300'000))},
      // Cooperative assignment loops and hangs in librdkafka before 2.10.1.
      {"partition.assignment.strategy",
       rd_kafka_version() < k_rdkafka_2_10_1 ? "range" : "cooperative-sticky"},
      {"queued.max.messages.kbytes",
       std::to_string(std::clamp<std::size_t>(options.prefetch_bytes / 1024, 1, 2'097'151))},
      // An idle fetch holds up partitions added meanwhile and the news of an end.
      {"fetch.wait.max.ms", "100"},
      {"check.crcs", "true"},
      {"allow.auto.create.topics", "false"},
      {"topic.metadata.refresh.interval.ms", "5000"},
      {"topic.blacklist", passed_over(options)}};
  // How long fetching rests once the queue is full. Before 2.2.0 the only knob is the pause after an error,
  // whose default of half a second starves a fast reader.
  properties.emplace_back(
      rd_kafka_version() >= k_rdkafka_2_2_0 ? "fetch.queue.backoff.ms" : "fetch.error.backoff.ms", "10");
  return properties;
}

Properties producer_defaults(const config::KafkaSettings& settings, const ProducerOptions& options) {
  const bool idempotent = !asks_for_fewer_acks(settings);
  const bool transactional = !options.transactional_id.empty();
  const auto wait = transactional && (options.message_timeout.count() == 0 ||
                                      options.message_timeout > options.transaction_timeout)
                        ? options.transaction_timeout
                        : options.message_timeout;
  return {{"enable.idempotence", idempotent ? "true" : "false"},
          {"acks", "all"},
          // A second request in flight is what turns the idempotent producer FATAL before 2.3.0.
          {"max.in.flight", rd_kafka_version() < k_rdkafka_2_3_0 ? "1" : "5"},
          {"partitioner", "murmur2_random"},
          {"linger.ms", "5"},
          // Saves brokers and readers more than it costs here, and one request at a time then carries more.
          {"compression.codec", "lz4"},
          {"message.timeout.ms", std::to_string(wait.count())},
          // The broker knows each topic's limit; ours only keeps one record within the queue.
          {"message.max.bytes", "67108864"},
          {"queue.buffering.max.messages", "100000"},
          {"queue.buffering.max.kbytes", "65536"}};
}

Properties preset_of(config::Preset preset, bool consumer) {
  if (preset == config::Preset::throughput) {
    if (consumer) return {{"fetch.min.bytes", "65536"}, {"fetch.message.max.bytes", "4194304"}};
    return {
        {"linger.ms", "50"}, {"batch.num.messages", "100000"}, {"queue.buffering.max.messages", "500000"}};
  }
  if (preset == config::Preset::latency) {
    if (consumer) return {{"fetch.wait.max.ms", "10"}, {"socket.nagle.disable", "true"}};
    return {{"linger.ms", "0"}, {"socket.nagle.disable", "true"}};
  }
  return {};
}

Properties users(const config::KafkaSettings& settings) {
  Properties kept;
  std::copy_if(settings.properties.begin(), settings.properties.end(), std::back_inserter(kept),
               [](const auto& property) { return why_reserved(property.first).empty(); });
  return kept;
}

}  // namespace

std::string_view why_reserved(std::string_view property) {
  const auto* found = std::find_if(k_reserved.begin(), k_reserved.end(),
                                   [&](const Reserved& reserved) { return reserved.property == property; });
  return found == k_reserved.end() ? std::string_view{} : found->reason;
}

bool asks_for_fewer_acks(const config::KafkaSettings& settings) {
  bool fewer = false;
  for (const auto& [name, value] : settings.properties) {
    if (name == "acks" || name == "request.required.acks") fewer = value != "all" && value != "-1";
  }
  return fewer;
}

Properties consumer_properties(const config::KafkaSettings& settings, const ConsumerOptions& options) {
  Properties properties = common_defaults(settings, options.client_id);
  add(properties, consumer_defaults(options));
  add(properties, preset_of(settings.preset, true));
  add(properties, users(settings));
  // librdkafka wants a group even where none is joined and nothing is committed.
  add(properties, {{"group.id", options.group ? options.group->get() : "kbeat-without-group"},
                   {"enable.auto.commit", "false"},
                   {"enable.auto.offset.store", "false"},
                   {"auto.offset.reset", "error"},
                   {"enable.partition.eof", "true"},
                   {"log.queue", "true"}});
  return properties;
}

Properties producer_properties(const config::KafkaSettings& settings, const ProducerOptions& options) {
  Properties properties = common_defaults(settings, options.client_id);
  add(properties, producer_defaults(settings, options));
  add(properties, preset_of(settings.preset, false));
  add(properties, users(settings));
  if (!options.transactional_id.empty()) {
    add(properties, {{"transactional.id", options.transactional_id},
                     {"transaction.timeout.ms", std::to_string(options.transaction_timeout.count())}});
  }
  properties.emplace_back("log.queue", "true");
  return properties;
}

Properties admin_properties(const config::KafkaSettings& settings, Isolation isolation,
                            const std::string& client_id) {
  Properties properties = common_defaults(settings, client_id);
  // A leader that was learned just before it died would be asked, in vain, for a quarter of an hour.
  properties.emplace_back("metadata.max.age.ms", "1000");
  add(properties, users(settings));
  add(properties,
      {{"isolation.level", isolation == Isolation::read_committed ? "read_committed" : "read_uncommitted"},
       {"allow.auto.create.topics", "false"},
       {"log.queue", "true"}});
  return properties;
}

}  // namespace kbeat::transport
