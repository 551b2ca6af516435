// The main job: events from topics, through handlers, into the store; what fails into the dead letters.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "kbeat/handlers/registry.hpp"
#include "kbeat/pipeline/committer.hpp"
#include "kbeat/pipeline/connect_loop.hpp"
#include "kbeat/pipeline/consume_options.hpp"
#include "kbeat/pipeline/fellow_share.hpp"
#include "kbeat/pipeline/flow_control.hpp"
#include "kbeat/pipeline/lanes.hpp"
#include "kbeat/pipeline/ownership.hpp"
#include "kbeat/pipeline/relay.hpp"
#include "kbeat/pipeline/runtime_reporter.hpp"
#include "kbeat/pipeline/store_retries.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/pipeline/workshop.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// What the loop works with; everything outlives it.
struct ConsumeParts {
  transport::Transport& transport;
  std::function<std::unique_ptr<store::Store>()> open_store;
  const handlers::Registry& registry;
  ResultSink& sink;
  Clock& clock;
  ConsumeWatch* watch = nullptr;  ///< wants to know how it goes, if there is one
  Trial* trial =
      nullptr;  ///< of records that were in progress when a process died; nothing: they are handled at once
  /// For a loop that is a part of a process: its relay has new rows. Empty: the loop is the process, has a
  /// relay of its own and tells the service manager how it is.
  std::function<void()> nudge_relay{};
};

/// One thread runs it: it polls the consumer, keeps order and positions and writes the store. Handlers run on
/// the workshop's threads, the relay has one of its own; nothing but runs of records is shared with them.
class ConsumeLoop {
 public:
  ConsumeLoop(const ConsumeParts& parts, ConsumeOptions options);
  ~ConsumeLoop();
  ConsumeLoop(const ConsumeLoop&) = delete;
  ConsumeLoop& operator=(const ConsumeLoop&) = delete;

  /// Until an end of the options is reached or `stop` is requested; what is in hand is finished and
  /// committed first. Throws Error for what ends it otherwise, after the same drain.
  ConsumeResult run(std::stop_token stop);

 private:
  void open();
  void turn();

  // Events of the consumer.
  void poll();
  void take(const RecordBatch& batch);
  void arrive(const std::shared_ptr<PartitionState>& state, const RecordView& record,
              const RecordBatch& batch);
  void take_over();
  void on_revoked(const transport::Revoked& revoked);
  void on_problem(const Error& error);
  /// Trouble of the store or the embedded log, not of the way to Kafka.
  [[nodiscard]] bool of_files(const Error& error) const;
  void cross_gaps();

  // Work on its way.
  void collect();
  void dispatch();
  void finish(std::unique_ptr<Work> work);
  void drop(const std::shared_ptr<PartitionState>& state);
  void commit_if_due();
  void commit_all();
  void commit_once();
  void commit_to_broker();
  enum class Show { now_and_then, at_once, draining };
  void show_state(Show when = Show::now_and_then);

  // Ends.
  [[nodiscard]] std::optional<ConsumeEnd> reached_end();
  [[nodiscard]] bool nothing_in_hand() const { return m_lanes.size() == 0 && m_committer->empty(); }
  [[nodiscard]] bool intake_closed() const;
  [[nodiscard]] Milliseconds patience() const;
  void drain();

  ConsumeParts m_parts;
  ConsumeOptions m_options;
  std::string m_owner;
  std::unique_ptr<RuntimeReporter> m_reporter;
  FlowControl m_flow;
  store::Scope m_scope;
  SteadyTime m_begun;

  ConnectLoop m_connect;
  std::unique_ptr<store::Store> m_store;
  std::unique_ptr<Ownership> m_ownership;
  std::unique_ptr<FellowShare> m_fellows;
  std::unique_ptr<Committer> m_committer;
  std::unique_ptr<Relay> m_relay;
  std::unique_ptr<transport::Consumer> m_consumer;
  std::unique_ptr<Workshop> m_workshop;
  Lanes m_lanes;

  std::optional<std::vector<TopicPartition>> m_assigned;  ///< by the group, not yet taken over
  std::map<TopicPartition, transport::OffsetGone> m_gaps;
  GoneTopics m_gone;
  std::optional<Error> m_failure;
  std::uint64_t m_accepted = 0;
  SteadyTime m_last_record;
  SteadyTime m_last_broker_commit;
  SteadyTime m_last_shown;
  bool m_shown_connected = false;
  StoreRetries m_store_retries;
  StoreRetries m_log_retries;  ///< of an embedded log
};

}  // namespace kbeat::pipeline
