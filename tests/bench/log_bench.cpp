// Measures the embedded log: durable appends, reads, opening, and the way to a waiting reader.
// kbeat_log_bench FOLDER [RECORDS [BYTES]]; FOLDER must not exist yet.
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/transport/log/open_log.hpp"
#include "support/child.hpp"

namespace {

using namespace kbeat;
using namespace kbeat::transport;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

long peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

Record sample(const std::string& topic, std::size_t bytes) {
  Record record;
  record.topic = TopicName{topic};
  record.key = "session-0000001";
  record.value = std::string(bytes, 'v');
  return record;
}

void append(Transport& transport, std::size_t records, std::size_t bytes) {
  const auto producer = transport.make_producer({});
  const Record record = sample("bench", bytes);
  const RecordLoan loan(record);
  std::vector<Delivery> reports;
  std::size_t stored = 0;
  const auto collect = [&] {
    for (const Delivery& report : reports) stored += report.error ? 0 : 1;
    reports.clear();
  };
  const auto begun = Clock::now();
  const double cpu_before = cpu_seconds();
  for (std::size_t i = 0; i < records; ++i) {
    while (producer->send(loan.view(), i) == Accepted::queue_full) {
      producer->poll(Milliseconds{100}, reports);
      collect();
    }
  }
  while (producer->pending() > 0) {
    producer->flush(Milliseconds{10'000}, reports);
    collect();
  }
  const double took = seconds_since(begun);
  fmt::print("append: {} of {} records of {} bytes in {:.2f} s ({:.2f} s of CPU): {:.0f}/s\n", stored,
             records, bytes, took, cpu_seconds() - cpu_before, static_cast<double>(stored) / took);
}

void read(Transport& transport) {
  const auto consumer = transport.make_consumer({});
  const Position first{{TopicName{"bench"}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  const auto begun = Clock::now();
  const double cpu_before = cpu_seconds();
  std::size_t records = 0;
  std::size_t bytes = 0;
  for (bool at_end = false; !at_end;) {
    const ConsumerEvent event = consumer->poll(Milliseconds{1'000});
    if (const auto* batch = std::get_if<RecordBatch>(&event)) {
      for (const RecordView& record : batch->records()) bytes += record.value->size();
      records += batch->records().size();
    }
    at_end = std::holds_alternative<EndReached>(event);
  }
  const double took = seconds_since(begun);
  fmt::print("read: {} records, {} MB in {:.2f} s ({:.2f} s of CPU): {:.0f}/s\n", records, bytes / 1'000'000,
             took, cpu_seconds() - cpu_before, static_cast<double>(records) / took);
}

void open(const std::filesystem::path& folder) {
  const auto begun = Clock::now();
  const auto transport = open_embedded_log(folder);
  const auto consumer = transport->make_consumer({});
  fmt::print("open: {:.1f} ms\n", seconds_since(begun) * 1000);
}

/// The other process: sends a thousand records a second, each stamped with the time of its sending.
void send_stamped(const std::filesystem::path& folder, int count) {
  const auto transport = open_embedded_log(folder);
  const auto producer = transport->make_producer({});
  std::vector<Delivery> reports;
  auto due = Clock::now();
  for (int i = 0; i < count; ++i) {
    std::this_thread::sleep_until(due += std::chrono::milliseconds(1));
    Record record = sample("latency", 0);
    record.value = std::to_string(Clock::now().time_since_epoch().count());
    const RecordLoan loan(record);
    static_cast<void>(producer->send(loan.view(), 0));
    producer->poll(Milliseconds{0}, reports);
    reports.clear();
  }
  producer->flush(Milliseconds{10'000}, reports);
}

void measure_latency(const std::filesystem::path& folder, const std::string& program) {
  constexpr int k_count = 5'000;
  const auto transport = open_embedded_log(folder);
  const auto consumer = transport->make_consumer({});
  const Position first{{TopicName{"latency"}, Partition{0}}, Offset{0}};
  consumer->start({&first, 1});
  const double idle_before = cpu_seconds();
  const auto idle_begun = Clock::now();
  while (seconds_since(idle_begun) < 2) static_cast<void>(consumer->poll(Milliseconds{500}));
  fmt::print("idle reader: {:.2f} % of a core\n",
             (cpu_seconds() - idle_before) / seconds_since(idle_begun) * 100);
  const test::Child sender(
      std::vector<std::string>{program, "--send", folder.string(), std::to_string(k_count)});
  std::vector<double> latencies;
  while (latencies.size() < k_count) {
    const ConsumerEvent event = consumer->poll(Milliseconds{1'000});
    const auto* batch = std::get_if<RecordBatch>(&event);
    if (batch == nullptr) continue;
    const auto now = Clock::now().time_since_epoch().count();
    for (const RecordView& record : batch->records()) {
      latencies.push_back(static_cast<double>(now - std::stoll(std::string(*record.value))) / 1e6);
    }
  }
  std::sort(latencies.begin(), latencies.end());
  fmt::print("latency at 1,000/s: median {:.1f} ms, p99 {:.1f} ms\n", latencies[latencies.size() / 2],
             latencies[latencies.size() * 99 / 100]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (arguments.size() == 4 && arguments[1] == "--send") {
    send_stamped(arguments[2], std::stoi(arguments[3]));
    return 0;
  }
  if (arguments.size() < 2) {
    fmt::print(stderr, "kbeat_log_bench FOLDER [RECORDS [BYTES]]\n");
    return 2;
  }
  const std::filesystem::path folder = arguments[1];
  const std::size_t records = arguments.size() > 2 ? std::stoull(arguments[2]) : 1'000'000;
  const std::size_t bytes = arguments.size() > 3 ? std::stoull(arguments[3]) : 220;
  {
    const auto transport = open_embedded_log(folder);
    append(*transport, records, bytes);
    read(*transport);
    read(*transport);
  }
  open(folder);
  measure_latency(folder, std::filesystem::read_symlink("/proc/self/exe"));
  fmt::print("peak memory: {} MB\n", peak_megabytes());
}
