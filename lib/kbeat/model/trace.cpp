// Reading and writing of trace context (W3C Recommendation "Trace Context", levels 1 and 2).
#include "kbeat/model/trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "kbeat/base/escape.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat {
namespace {

constexpr std::size_t k_trace_digits = 32;
constexpr std::size_t k_span_digits = 16;
constexpr std::size_t k_length = 2 + 1 + k_trace_digits + 1 + k_span_digits + 1 + 2;
constexpr std::size_t k_longest_state = 512;  // more may be cut, says the recommendation
constexpr std::size_t k_longest_correlation = 256;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

std::uint64_t random_number() {
  thread_local std::mt19937_64 engine{std::random_device{}()};
  std::uint64_t number = 0;
  while (number == 0) number = engine();
  return number;
}

/// The header of that name, or of the CloudEvents attribute; empty when there is none or it is too long.
std::string_view text_of(const RecordView& record, std::string_view name, std::string_view attribute,
                         std::size_t longest) {
  const HeaderView* header = find_header(record.headers, name);
  if (header == nullptr) header = find_header(record.headers, attribute);
  if (header == nullptr || !header->value || header->value->size() > longest) return {};
  return *header->value;
}

bool is_of_trail(const Header& header) {
  return header.name == names::k_traceparent || header.name == names::k_tracestate ||
         header.name == names::k_correlation_id;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
  if (text.size() < k_length) return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const std::string_view trace_id = text.substr(3, k_trace_digits);
  const std::string_view span_id = text.substr(4 + k_trace_digits, k_span_digits);
  const std::string_view flags = text.substr(k_length - 2, 2);
  const bool dashes = text[2] == '-' && text[3 + k_trace_digits] == '-' && text[k_length - 3] == '-';
  // A later version may say more, after one more dash.
  const bool ends = text.size() == k_length || (version != "00" && text[k_length] == '-');
  if (!dashes || !ends || version == "ff" || !is_hex(version) || !is_hex(trace_id) || !is_hex(span_id) ||
      !is_hex(flags) || is_zero(trace_id) || is_zero(span_id)) {
    return std::nullopt;
  }
  const auto bits = std::stoul(std::string(flags), nullptr, 16);
  return TraceContext{std::string(trace_id), std::string(span_id), static_cast<std::uint8_t>(bits)};
}

std::string to_traceparent(const TraceContext& context) {
  return fmt::format("00-{}-{}-{:02x}", context.trace_id, context.span_id, context.flags);
}

TraceContext start_trace() {
  constexpr std::uint8_t k_sampled = 1;
  return {fmt::format("{:016x}{:016x}", random_number(), random_number()),
          fmt::format("{:016x}", random_number()), k_sampled};
}

TraceContext next_step(const TraceContext& context) {
  TraceContext next = context;
  next.span_id = fmt::format("{:016x}", random_number());
  return next;
}

Trail trail_of(const RecordView& record, const Event* event) {
  Trail trail;
  if (!record.headers.empty()) {
    trail.context =
        parse_traceparent(text_of(record, names::k_traceparent, "ce_traceparent", k_longest_state));
    if (trail.context) trail.state = text_of(record, names::k_tracestate, "ce_tracestate", k_longest_state);
    trail.correlation_id =
        text_of(record, names::k_correlation_id, "ce_correlationid", k_longest_correlation);
  }
  if (trail.correlation_id.empty() && event != nullptr &&
      event->correlation_id.size() <= k_longest_correlation)
    trail.correlation_id = event->correlation_id;
  return trail;
}

void set_trail(std::vector<Header>& headers, const Trail& trail) {
  std::erase_if(headers, is_of_trail);
  const auto add = [&headers](std::string_view name, std::string value) {
    if (!value.empty()) headers.push_back({std::string(name), std::move(value)});
  };
  if (trail.context) add(names::k_traceparent, to_traceparent(*trail.context));
  if (trail.context) add(names::k_tracestate, trail.state);
  add(names::k_correlation_id, trail.correlation_id);
}

std::string trail_fields(const Trail& trail) {
  std::string fields;
  if (trail.context) {
    fields =
        fmt::format(R"("trace_id":"{}","span_id":"{}")", trail.context->trace_id, trail.context->span_id);
  }
  if (!trail.correlation_id.empty()) {
    fields += fields.empty() ? "\"correlation_id\":" : ",\"correlation_id\":";
    append_json_string(fields, clean_utf8(trail.correlation_id, 3 * k_longest_correlation));
  }
  return fields;
}

}  // namespace kbeat
