// Records to stdout.
#include "replay_printer.hpp"

namespace kbeat::app {

ReplayPrinter::ReplayPrinter(const PrintOptions& form, Context& context)
    : m_out(context.io.out()),
      m_printer(form, m_out.kind()),
      m_decoder(form.decode ? registry_codec_for("--decode", context) : nullptr) {}

bool ReplayPrinter::send(const RecordView& record, std::uint64_t) {
  m_printer.append(m_out.buffer(), m_decoder(record));
  m_out.written_to();
  return false;
}

void ReplayPrinter::flush() {
  m_out.flush();
}

void ReplayPrinter::settle(const replay::Checkpoint&) {
  m_out.flush();
}

}  // namespace kbeat::app
