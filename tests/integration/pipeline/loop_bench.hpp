// A consume loop over the memory transport and a real store, with handlers that a test scripts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kbeat/handlers/registry.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/memory/memory_transport.hpp"
#include "support/temp_dir.hpp"

namespace kbeat::test {

using HandlerFunction =
    std::function<Outcome(const RecordView&, const Event&, const handlers::HandlerContext&)>;

/// Routes the topic "events": type T to the function given; other types are unhandled.
class ScriptedRegistry final : public handlers::Registry {
 public:
  explicit ScriptedRegistry(HandlerFunction function);
  ~ScriptedRegistry() override;
  [[nodiscard]] handlers::TopicRouting routing(std::string_view topic) const override;
  [[nodiscard]] handlers::Route find(std::string_view topic, std::string_view type) const override;

 private:
  std::unique_ptr<handlers::Handler> m_handler;
};

class CollectedLines final : public pipeline::ResultSink {
 public:
  void write(std::string_view all) override {
    for (std::size_t end; (end = all.find('\n')) != std::string_view::npos; all.remove_prefix(end + 1))
      lines.emplace_back(all.substr(0, end));
  }
  [[nodiscard]] bool has_room() override { return true; }
  std::vector<std::string> lines;
};

class LoopBench {
 public:
  explicit LoopBench(int partitions = 1);

  /// Sends records of topic "events", keyed by `key`; returns when they are acknowledged.
  void produce(const std::vector<std::pair<std::string, std::string>>& keyed_values,
               std::vector<Header> headers = {});
  pipeline::ConsumeResult consume(HandlerFunction function, std::stop_token stop = {});
  [[nodiscard]] std::vector<Record> read(const std::string& topic);
  [[nodiscard]] std::unique_ptr<store::Store> open() const;

  TempDir dir;
  std::unique_ptr<transport::Transport> transport;
  CollectedLines results;
  pipeline::ConsumeOptions options;
  SystemClock clock;
};

/// `{"event_id":id,"event_type":"T","v":value}`.
[[nodiscard]] std::string event_json(const std::string& id, const std::string& value = "1");

/// Done, with the event appended to the store's `events`.
[[nodiscard]] Outcome append_event(const RecordView& record, const Event& event,
                                   const handlers::HandlerContext& context);

}  // namespace kbeat::test
