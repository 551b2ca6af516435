// The request for an event, and what the server's status means for it.
#include "kbeat/handlers/webhook_handler.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "kbeat/handlers/event_envelope.hpp"
#include "kbeat/net/http_status.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::handlers {
namespace {

/// `webhook:HOST`.
std::string name_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
  return fmt::format("webhook:{}", url.substr(start, url.find_first_of("/?#", start) - start));
}

Outcome outcome_of_failure(const net::FetchFailure& failure) {
  const Error& error = failure.error;
  switch (error.code()) {
    case ErrorCode::timed_out:
    case ErrorCode::interrupted: return Retry{FailureCategory::timeout, error.what(), std::nullopt};
    default: break;
  }
  // Every event goes to the one server: a certificate that cannot be trusted is its fault, and no event's.
  if (error.retryable() || error.code() == ErrorCode::unreachable)
    return Retry{FailureCategory::dependency, error.what(), failure.retry_after};
  return Reject{FailureCategory::processing, error.what()};
}

class WebhookHandler final : public Handler {
 public:
  WebhookHandler(WebhookOptions options, net::HttpClient& client)
      : m_options(std::move(options)), m_client(client) {
    if (m_options.name.empty()) m_options.name = name_of(m_options.url);
  }

  std::string_view name() const override { return m_options.name; }
  std::optional<Milliseconds> time_limit() const override { return m_options.time_limit; }
  Cost cost() const override { return Cost::slow; }
  Place place() const override { return Place::elsewhere; }

  Outcome handle(const RecordView& record, const Event& event, const HandlerContext& context) override {
    const net::HttpResult result = m_client.call(call_for(record, event, context));
    if (const auto* failure = std::get_if<net::FetchFailure>(&result)) return outcome_of_failure(*failure);
    return outcome_of_answer(std::get<net::HttpAnswer>(result));
  }

 private:
  [[nodiscard]] net::HttpCall call_for(const RecordView& record, const Event& event,
                                       const HandlerContext& context) const {
    const bool envelope = m_options.body == WebhookBody::envelope;
    const bool json = envelope || event.shape != EventShape::raw;
    net::HttpCall call{.method = "POST",
                       .url = m_options.url,
                       .headers = m_options.headers,
                       .body = envelope ? event_envelope(record) : std::string(record.value.value_or("")),
                       .deadline = context.deadline,
                       .stop = context.stop,
                       .long_answer = net::LongAnswer::cut};
    const auto add = [&call](std::string_view name, std::string_view value) {
      call.headers.push_back(fmt::format("{}: {}", name, header_value(value)));
    };
    add("Content-Type", json ? "application/json" : "application/octet-stream");
    add("Idempotency-Key", context.identity);
    add("Kbeat-Topic", record.topic);
    add("Kbeat-Partition", std::to_string(record.partition.get()));
    add("Kbeat-Offset", std::to_string(record.offset.get()));
    if (!event.type.empty()) add("Kbeat-Type", event.type);
    for (std::string& field : trail_http_headers(context.trail)) call.headers.push_back(std::move(field));
    return call;
  }

  [[nodiscard]] Outcome outcome_of_answer(const net::HttpAnswer& answer) const {
    if (answer.status >= 200 && answer.status < 300)
      return Done{{}, fmt::format("{{\"status\":{}}}", answer.status)};
    return outcome_of_failure(net::failure_of_status(answer.status, m_options.url, answer.retry_after));
  }

  WebhookOptions m_options;
  net::HttpClient& m_client;
};

}  // namespace

std::string header_value(std::string_view text) {
  std::string value;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && c != '%') {
      value += c;
    } else {
      fmt::format_to(std::back_inserter(value), "%{:02X}", byte);
    }
  }
  return value;
}

std::unique_ptr<Handler> make_webhook_handler(WebhookOptions options, net::HttpClient& client) {
  return std::make_unique<WebhookHandler>(std::move(options), client);
}

}  // namespace kbeat::handlers
