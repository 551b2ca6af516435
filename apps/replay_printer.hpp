// The sink of a replay that prints.
#pragma once

#include "kbeat/replay/replay_sink.hpp"
#include "record_printer.hpp"
#include "registry_values.hpp"

namespace kbeat::app {

class ReplayPrinter final : public replay::ReplaySink {
 public:
  ReplayPrinter(const PrintOptions& form, Context& context);

  [[nodiscard]] bool send(const RecordView& record, std::uint64_t number) override;
  void flush() override;
  void settle(const replay::Checkpoint& behind) override;

 private:
  Output& m_out;
  RecordPrinter m_printer;
  ValueDecoder m_decoder;
};

}  // namespace kbeat::app
