// Sinks that write to topics: confirmed one by one, or in transactions that hold the checkpoint.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "kbeat/replay/replay_sink.hpp"
#include "kbeat/transport/confirmed_sender.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::replay {

/// What a record becomes on its way; returns a view valid until the next call.
using Rewrite = std::function<RecordView(const RecordView&)>;

/// At least once: a run that is killed has no checkpoint.
class PlainTopicSink final : public ReplaySink {
 public:
  PlainTopicSink(transport::Transport& transport, Rewrite rewrite,
                 std::function<void(const transport::SendFailure&)> on_failure);

  [[nodiscard]] bool send(const RecordView& record, std::uint64_t number) override;
  void flush() override;
  void settle(const Checkpoint& behind) override;
  [[nodiscard]] std::uint64_t failed() const override { return m_sender.failed(); }

 private:
  Rewrite m_rewrite;
  transport::ConfirmedSender m_sender;
};

/// Exactly once by name: records and checkpoint are one transaction under the id `kbeat.replay.NAME`; the
/// checkpoint is the metadata of the group `kbeat-replay-NAME` at the target's partition 0. A later run of
/// the name fences this one (Error{fenced}).
class NamedTopicSink final : public ReplaySink {
 public:
  struct Options {
    std::string name;
    TopicName target;
    Milliseconds timeout{30'000};
  };

  NamedTopicSink(transport::Transport& transport, Options options, Rewrite rewrite);
  ~NamedTopicSink() override;

  [[nodiscard]] bool send(const RecordView& record, std::uint64_t number) override;
  void flush() override {}  // the replayer settles it before a silence
  void settle(const Checkpoint& behind) override;
  [[nodiscard]] bool remembers() const override { return true; }
  [[nodiscard]] std::optional<Checkpoint> resume(const Checkpoint& plan) override;

 private:
  void push(const RecordView& record);
  void make_target();
  void give_up(const Error& cause);
  [[nodiscard]] GroupId group() const;

  transport::Transport& m_transport;
  Options m_options;
  Rewrite m_rewrite;
  std::unique_ptr<transport::TransactionalProducer> m_producer;
  std::size_t m_open = 0;  ///< records in the transaction
  SteadyTime m_begun;
};

}  // namespace kbeat::replay
