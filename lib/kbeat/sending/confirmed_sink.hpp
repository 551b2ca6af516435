// Sends each record by itself until it is acknowledged or has failed for good.
#pragma once

#include "kbeat/sending/record_sink.hpp"
#include "kbeat/transport/confirmed_sender.hpp"

namespace kbeat::sending {

/// What was sent before the input was cut short stays sent.
class ConfirmedSink final : public RecordSink {
 public:
  /// The transport outlives it.
  ConfirmedSink(transport::Transport& transport, const transport::ProducerOptions& options,
                OnSettled on_settled);

  void send(const RecordView& record, std::uint64_t tag) override;
  void serve() override;
  void flush(Milliseconds timeout) override;
  void finish(Milliseconds timeout) override;
  void cut_short(Milliseconds timeout) override;
  [[nodiscard]] std::size_t unsettled() const override;

 private:
  OnSettled m_on_settled;
  transport::ConfirmedSender m_sender;
};

}  // namespace kbeat::sending
