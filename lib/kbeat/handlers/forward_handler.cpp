// One outbox row for each event.
#include "kbeat/handlers/forward_handler.hpp"

#include <fmt/format.h>

#include <utility>

namespace kbeat::handlers {
namespace {

constexpr std::string_view k_own_headers = "kbeat.";

class ForwardHandler final : public Handler {
 public:
  explicit ForwardHandler(ForwardOptions options) : m_options(std::move(options)) {
    if (m_options.name.empty()) m_options.name = fmt::format("forward:{}", m_options.to.get());
  }

  std::string_view name() const override { return m_options.name; }

  Outcome handle(const RecordView& record, const Event&, const HandlerContext& context) override {
    if (record.topic == m_options.to.get())  // a pattern may match the target
      return Reject{FailureCategory::processing,
                    fmt::format("forwarding {} to itself would never end", m_options.to.get())};
    Emit emit{.topic = m_options.to,
              .key = std::nullopt,
              .value = std::nullopt,
              .headers = {},
              .event_id = fmt::format("{}/{}", context.identity, m_options.to.get())};
    if (record.key) emit.key = Bytes(*record.key);
    if (record.value) emit.value = Bytes(*record.value);
    for (const HeaderView& header : record.headers) {
      if (header.name.starts_with(k_own_headers)) continue;
      Header kept{.name = std::string(header.name), .value = std::nullopt};
      if (header.value) kept.value = Bytes(*header.value);
      emit.headers.push_back(std::move(kept));
    }
    return done_with(std::move(emit));
  }

 private:
  ForwardOptions m_options;
};

}  // namespace

std::unique_ptr<Handler> make_forward_handler(ForwardOptions options) {
  return std::make_unique<ForwardHandler>(std::move(options));
}

}  // namespace kbeat::handlers
