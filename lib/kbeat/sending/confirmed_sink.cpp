// Passes on to the confirmed sender.
#include "kbeat/sending/confirmed_sink.hpp"

namespace kbeat::sending {

ConfirmedSink::ConfirmedSink(transport::Transport& transport, const transport::ProducerOptions& options,
                             OnSettled on_settled)
    : m_on_settled(std::move(on_settled)),
      m_sender(transport, options, [this](const transport::SendFailure& failure) {
        m_on_settled(
            {.tag = failure.tag, .error = failure.error, .possibly_stored = failure.possibly_stored});
      }) {
  m_sender.on_delivery([this](const transport::Delivery& delivery) {
    m_on_settled({.tag = delivery.tag, .partition = delivery.partition, .offset = delivery.offset});
  });
}

void ConfirmedSink::send(const RecordView& record, std::uint64_t tag) {
  m_sender.send(record, tag);
}

void ConfirmedSink::serve() {
  m_sender.serve(Milliseconds{0});
}

void ConfirmedSink::flush(Milliseconds timeout) {
  m_sender.flush(timeout);
}

void ConfirmedSink::finish(Milliseconds timeout) {
  m_sender.finish(timeout);
}

void ConfirmedSink::cut_short(Milliseconds timeout) {
  m_sender.finish(timeout);
}

std::size_t ConfirmedSink::unsettled() const {
  return m_sender.unsettled();
}

}  // namespace kbeat::sending
