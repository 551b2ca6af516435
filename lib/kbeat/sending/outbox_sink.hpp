// Sends records through the store's outbox: safe on this disk first, in the topic once Kafka takes them.
#pragma once

#include <memory>
#include <vector>

#include "kbeat/pipeline/relay.hpp"
#include "kbeat/sending/record_sink.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::sending {

using OpenStore = std::function<std::unique_ptr<store::Store>()>;

/// Every record goes through the outbox, so that none overtakes one that an earlier run left there. A record
/// is settled when its row is durable. A relay sends the rows meanwhile.
class OutboxSink final : public RecordSink {
 public:
  /// `owner` names this process to other relays. The transport and the clock outlive it.
  OutboxSink(transport::Transport& transport, const OpenStore& open_store, const std::string& owner,
             Clock& clock, OnSettled on_settled);

  void send(const RecordView& record, std::uint64_t tag) override;
  void serve() override;
  void flush(Milliseconds timeout) override;
  /// Waits for the relay as long as it gets on, up to `timeout`; what is left is no failure.
  void finish(Milliseconds timeout) override;
  void cut_short(Milliseconds timeout) override;
  [[nodiscard]] std::size_t unsettled() const override { return m_rows.size(); }

  /// What waits in the store, of this run and others.
  [[nodiscard]] store::OutboxCounts left();

 private:
  void append();

  std::unique_ptr<store::Store> m_store;
  Clock& m_clock;
  OnSettled m_on_settled;
  std::vector<store::OutboxRow> m_rows;
  std::vector<std::uint64_t> m_tags;
  std::size_t m_bytes = 0;
  pipeline::Relay m_relay;
};

}  // namespace kbeat::sending
