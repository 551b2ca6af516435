// Writes or reads a topic through the transport seam and says how long it took; kafka_bench.py sets it beside
// kcat. kbeat_kafka_bench BROKER TOPIC produce RECORDS BYTES | kbeat_kafka_bench BROKER TOPIC consume
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/kafka/kafka_transport.hpp"

namespace {

using namespace kbeat;
using namespace kbeat::transport;
using SteadyClock = std::chrono::steady_clock;

struct Tally {
  std::size_t records = 0;
  std::size_t bytes = 0;
};

Tally produce(Transport& transport, const std::string& topic, std::size_t records, std::size_t bytes) {
  const auto producer = transport.make_producer({});
  const std::string value(bytes, 'v');
  std::vector<Delivery> reports;
  Tally tally;
  const auto collect = [&] {
    for (const Delivery& report : reports) {
      if (report.error) throw *report.error;
    }
    tally.records += reports.size();
    reports.clear();
  };
  for (std::size_t i = 0; i < records; ++i) {
    RecordView record;
    record.topic = topic;
    record.partition = Partition{-1};
    record.value = value;
    while (producer->send(record, i) == Accepted::queue_full) {
      producer->poll(Milliseconds{100}, reports);
      collect();
    }
    tally.bytes += bytes;
  }
  producer->flush(Milliseconds{60'000}, reports);
  collect();
  return tally;
}

std::vector<Position> beginnings(Transport& transport, const std::string& topic) {
  std::vector<Position> positions;
  for (const PartitionInfo& partition :
       transport.make_topic_admin(Milliseconds{10'000})->topic(TopicName{topic}).partitions) {
    positions.push_back({{TopicName{topic}, partition.partition}, Offset{0}});
  }
  return positions;
}

Tally consume(Transport& transport, const std::string& topic) {
  const auto consumer = transport.make_consumer({});
  const std::vector<Position> positions = beginnings(transport, topic);
  consumer->start(positions);
  Tally tally;
  for (std::size_t ends = 0; ends < positions.size();) {
    const ConsumerEvent event = consumer->poll(Milliseconds{1000});
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records())
        tally.bytes += record.value ? record.value->size() : 0;
      tally.records += batch->records().size();
    }
    if (std::get_if<EndReached>(&event) != nullptr) ++ends;
    if (const auto* problem = std::get_if<Problem>(&event)) throw problem->error;
  }
  return tally;
}

void run(std::span<char*> arguments) {
  if (arguments.size() < 4)
    throw Error(ErrorCode::usage, "BROKER TOPIC produce RECORDS BYTES | BROKER TOPIC consume");
  config::KafkaSettings settings;
  settings.brokers = {arguments[1]};
  KafkaTransport transport(settings, "kbeat-bench");
  const std::string topic = arguments[2];
  const auto begun = SteadyClock::now();
  const Tally tally = std::string_view(arguments[3]) == "produce"
                          ? produce(transport, topic, std::stoul(arguments[4]), std::stoul(arguments[5]))
                          : consume(transport, topic);
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - begun).count();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} records, {} bytes, {:.3f} s, {} MB at most\n", tally.records, tally.bytes, seconds,
             usage.ru_maxrss / 1024);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run({arguments, static_cast<std::size_t>(count)});
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
