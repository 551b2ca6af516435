// Records arrive in order, each settled once, over full queues, refusals and dying producers.
#include "kbeat/transport/confirmed_sender.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <string>
#include <vector>

#include "kbeat/transport/memory/memory_transport.hpp"

using namespace kbeat;
using namespace kbeat::transport;

namespace {

/// What the producers of a test did and are to do.
struct Script {
  std::vector<std::string> stored{};  ///< values in the order in which they were acknowledged
  std::size_t queue_limit = 1000;
  std::size_t dies_after = SIZE_MAX;  ///< acknowledgements of the first producer before it turns fatal
  int producers = 0;
  int deaths = 1;                      ///< how many producers die so
  std::string rejected{};              ///< a value that is never stored
  std::size_t batch_limit = SIZE_MAX;  ///< bytes that a batch of all that is queued may have
  std::string refused{};               ///< a value that send itself throws for
};

class ScriptedProducer final : public Producer {
 public:
  explicit ScriptedProducer(Script& script) : m_script(script) { ++m_script.producers; }

  Accepted send(const RecordView& record, std::uint64_t tag) override {
    if (m_queue.size() >= m_script.queue_limit) return Accepted::queue_full;
    if (*record.value == m_script.refused) throw Error(ErrorCode::too_large, "larger than the limit");
    m_queue.emplace_back(tag, std::string(*record.value));
    return Accepted::yes;
  }

  void poll(Milliseconds, std::vector<Delivery>& reports) override {
    if (m_queue.empty()) return;
    const auto [tag, value] = m_queue.front();
    m_queue.pop_front();
    const bool dies = m_script.producers <= m_script.deaths && m_stored >= m_script.dies_after;
    if (dies) {
      reports.push_back(
          {.tag = tag, .partition = {}, .offset = {}, .error = Error(ErrorCode::internal, "fatal")});
    } else if (value == m_script.rejected) {
      reports.push_back(
          {.tag = tag, .partition = {}, .offset = {}, .error = Error(ErrorCode::authentication, "denied")});
    } else {
      m_script.stored.push_back(value);
      ++m_stored;
      reports.push_back({.tag = tag, .partition = {}, .offset = {}, .error = std::nullopt});
    }
  }

  /// All that is queued is one batch.
  void flush(Milliseconds timeout, std::vector<Delivery>& reports) override {
    std::size_t bytes = 0;
    for (const auto& [tag, value] : m_queue) bytes += value.size();
    if (bytes <= m_script.batch_limit) return poll(timeout, reports);
    for (const auto& [tag, value] : m_queue) {
      reports.push_back(
          {.tag = tag, .partition = {}, .offset = {}, .error = Error(ErrorCode::too_large, "too large")});
    }
    m_queue.clear();
  }
  std::size_t pending() const override { return m_queue.size(); }

 private:
  Script& m_script;
  std::deque<std::pair<std::uint64_t, std::string>> m_queue;
  std::size_t m_stored = 0;
};

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(Script& script) : m_script(script) {}
  TransportKind kind() const override { return TransportKind::memory; }
  std::unique_ptr<Producer> make_producer(const ProducerOptions&) override {
    return std::make_unique<ScriptedProducer>(m_script);
  }
  std::unique_ptr<TransactionalProducer> make_transactional_producer(
      const ProducerOptions& options) override {
    return m_memory->make_transactional_producer(options);
  }
  std::unique_ptr<Consumer> make_consumer(const ConsumerOptions& options) override {
    return m_memory->make_consumer(options);
  }
  std::unique_ptr<TopicAdmin> make_topic_admin(Milliseconds timeout) override {
    return m_memory->make_topic_admin(timeout);
  }
  std::unique_ptr<OffsetAdmin> make_offset_admin(Milliseconds timeout) override {
    return m_memory->make_offset_admin(timeout);
  }

 private:
  Script& m_script;
  std::unique_ptr<Transport> m_memory = memory::make_memory_transport();
};

/// Sends "0" to "count-1" through a sender and keeps what became of them.
struct Run {
  explicit Run(Script& script, int count)
      : transport(script),
        sender(transport, {}, [this](const SendFailure& failure) { failures.push_back(failure); }) {
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(i);
      sender.send(RecordView{.topic = "t", .partition = Partition{-1}, .value = value},
                  static_cast<std::uint64_t>(i));
    }
    sender.finish(Milliseconds{5000});
  }
  ScriptedTransport transport;
  std::vector<SendFailure> failures;
  ConfirmedSender sender;
};

std::vector<std::string> numbers(int count, const std::string& without = "") {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) {
    if (std::to_string(i) != without) all.push_back(std::to_string(i));
  }
  return all;
}

}  // namespace

TEST_CASE("P5: a full queue blocks the sender and loses nothing", "[transport][sender]") {
  Script script{.queue_limit = 2};
  const Run run(script, 50);
  CHECK(script.stored == numbers(50));
  CHECK(run.sender.acknowledged() == 50);
  CHECK(run.sender.unsettled() == 0);
  CHECK(run.failures.empty());
}

TEST_CASE("P3: a dead producer is replaced and what it had not stored is sent again in order",
          "[transport][sender]") {
  for (const std::size_t stored_before : {0u, 1u, 7u}) {
    CAPTURE(stored_before);
    Script script{.queue_limit = 5, .dies_after = stored_before, .deaths = 2};
    const Run run(script, 30);
    CHECK(script.producers >= 2);
    CHECK(script.stored == numbers(30));
    CHECK(run.sender.acknowledged() == 30);
  }
}

TEST_CASE("producers that die without delivering anything end the attempts", "[transport][sender]") {
  Script script{.dies_after = 0, .deaths = 1000};
  CHECK_THROWS_WITH(Run(script, 1), "fatal");
  CHECK(script.producers < 10);
}

TEST_CASE("a record that the broker rejects fails alone", "[transport][sender]") {
  Script script{.rejected = "3"};
  const Run run(script, 6);
  CHECK(script.stored == numbers(6, "3"));
  REQUIRE(run.failures.size() == 1);
  CHECK(run.failures[0].tag == 3);
  CHECK(run.sender.failed() == 1);
}

TEST_CASE("a record that can never be sent fails alone, be it the first or a later one",
          "[transport][sender]") {
  for (const char* refused : {"0", "4", "5"}) {
    CAPTURE(refused);
    Script script{.queue_limit = 2, .refused = refused};
    const Run run(script, 6);
    CHECK(script.stored == numbers(6, refused));
    REQUIRE(run.failures.size() == 1);
    CHECK(std::to_string(run.failures[0].tag) == refused);
    CHECK(run.failures[0].error.code() == ErrorCode::too_large);
  }
}

TEST_CASE("of a batch that is too large only the record that is too large alone fails",
          "[transport][sender]") {
  Script script{.batch_limit = 4};
  ScriptedTransport transport(script);
  std::vector<SendFailure> failures;
  ConfirmedSender sender(transport, {}, [&](const SendFailure& failure) { failures.push_back(failure); });
  std::uint64_t tag = 0;
  for (const char* value : {"one", "two", "three", "four"})
    sender.send(RecordView{.topic = "t", .value = value}, ++tag);
  sender.finish(Milliseconds{5000});
  CHECK(script.stored == std::vector<std::string>{"one", "two", "four"});
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].tag == 3);
}

TEST_CASE("what is not acknowledged in time has failed, and may have been stored", "[transport][sender]") {
  Script script;
  ScriptedTransport transport(script);
  std::vector<SendFailure> failures;
  ConfirmedSender sender(transport, {}, [&](const SendFailure& failure) { failures.push_back(failure); });
  for (std::uint64_t tag : {1u, 2u}) sender.send(RecordView{.topic = "t", .value = "v"}, tag);
  sender.finish(Milliseconds{0});
  REQUIRE(failures.size() == 2);
  CHECK(failures[1].tag == 2);
  CHECK(failures[1].possibly_stored);
  CHECK(sender.unsettled() == 0);
}
