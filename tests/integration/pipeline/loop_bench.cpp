// The scripted registry and the bench around the consume loop.
#include "integration/pipeline/loop_bench.hpp"

#include <fmt/format.h>

#include <catch2/catch.hpp>

namespace kbeat::test {
namespace {

class ScriptedHandler final : public handlers::Handler {
 public:
  explicit ScriptedHandler(HandlerFunction function) : m_function(std::move(function)) {}
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] Outcome handle(const RecordView& record, const Event& event,
                               const handlers::HandlerContext& context) override {
    return m_function(record, event, context);
  }

 private:
  HandlerFunction m_function;
};

}  // namespace

ScriptedRegistry::ScriptedRegistry(HandlerFunction function)
    : m_handler(std::make_unique<ScriptedHandler>(std::move(function))) {}

ScriptedRegistry::~ScriptedRegistry() = default;

handlers::TopicRouting ScriptedRegistry::routing(std::string_view topic) const {
  return topic == "events" ? handlers::TopicRouting::json : handlers::TopicRouting::unrouted;
}

handlers::Route ScriptedRegistry::find(std::string_view topic, std::string_view type) const {
  if (topic != "events") return handlers::UnhandledTopic{};
  if (type != "T") return handlers::UnhandledType{};
  return m_handler.get();
}

LoopBench::LoopBench(int partitions) : transport(transport::memory::make_memory_transport()) {
  transport->make_topic_admin(Milliseconds{5000})
      ->create({.topic = TopicName{"events"}, .partitions = partitions});
  options.topics = {"events"};
  options.group = GroupId{"g"};
  options.data_dir = dir.path();
  options.exit_at_end = true;
  options.runner.retry.backoff = {.kind = BackoffKind::fixed, .base = Milliseconds{1}, .jitter = 0};
  options.timeout = Milliseconds{10'000};
}

void LoopBench::produce(const std::vector<std::pair<std::string, std::string>>& keyed_values,
                        std::vector<Header> headers) {
  const auto producer = transport->make_producer({});
  std::vector<transport::Delivery> reports;
  for (const auto& [key, value] : keyed_values) {
    const Record record{.topic = TopicName{"events"}, .key = key, .value = value, .headers = headers};
    REQUIRE(producer->send(RecordLoan(record).view(), 0) == transport::Accepted::yes);
  }
  producer->flush(Milliseconds{10'000}, reports);
  REQUIRE(reports.size() == keyed_values.size());
  for (const auto& report : reports) REQUIRE_FALSE(report.error.has_value());
}

pipeline::ConsumeResult LoopBench::consume(HandlerFunction function, std::stop_token stop) {
  const ScriptedRegistry registry(std::move(function));
  const pipeline::ConsumeParts parts{*transport, [this] { return open(); }, registry, results, clock};
  return pipeline::ConsumeLoop(parts, options).run(stop);
}

std::vector<Record> LoopBench::read(const std::string& topic) {
  const TopicName name{topic};
  const auto info = transport->make_topic_admin(Milliseconds{5000})->topic(name);
  const auto consumer = transport->make_consumer({});
  std::vector<Position> starts;
  for (const auto& partition : info.partitions) starts.push_back({{name, partition.partition}, Offset{0}});
  consumer->start(starts);
  std::vector<Record> records;
  for (std::size_t ends = 0; ends < starts.size();) {
    const transport::ConsumerEvent event = consumer->poll(Milliseconds{5000});
    REQUIRE_FALSE(std::holds_alternative<transport::Idle>(event));
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) records.push_back(to_record(record));
    }
    ends += std::holds_alternative<transport::EndReached>(event) ? 1 : 0;
  }
  return records;
}

std::unique_ptr<store::Store> LoopBench::open() const {
  return store::open_store(dir.path(), store::OpenMode::read_write);
}

std::string event_json(const std::string& id, const std::string& value) {
  return fmt::format(R"({{"event_id":"{}","event_type":"T","v":{}}})", id, value);
}

Outcome append_event(const RecordView&, const Event& event, const handlers::HandlerContext&) {
  return Done{.effects = {AppendEvent{event.type, "", std::string(event.document)}},
              .result = "{\"kept\":true}"};
}

}  // namespace kbeat::test
