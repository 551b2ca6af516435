// Identities, subjects and origins of events.
#include "kbeat/pipeline/identity.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <charconv>
#include <functional>

#include "kbeat/base/error.hpp"
#include "kbeat/model/names.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::array<std::string_view, 6> k_subject_fields{"beatId",  "session_id",  "conversation_id",
                                                           "user_id", "business_id", "DEVICE_ID"};

std::optional<std::int64_t> origin_number(const RecordView& record, std::string_view name) {
  const HeaderView* header = find_header(record.headers, name);
  if (header == nullptr || !header->value) return std::nullopt;
  std::int64_t number = 0;
  const char* end = header->value->data() + header->value->size();
  const auto result = std::from_chars(header->value->data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6) + (seed >> 2));
}

}  // namespace

std::string event_identity(const RecordView& record, const Event* event, const LogIdentity& log) {
  const HeaderView* header = find_header(record.headers, names::k_event_id);
  if (header != nullptr && header->value && !header->value->empty()) return std::string(*header->value);
  if (event != nullptr && !event->id.empty()) {
    const bool cloud_event =
        event->shape == EventShape::cloudevents_structured || event->shape == EventShape::cloudevents_binary;
    if (cloud_event) return fmt::format("ce:{}:{}/{}", event->source.size(), event->source, event->id);
    return fmt::format(FMT_COMPILE("{}/{}/{}"), record.topic, event->type, event->id);
  }
  return fmt::format("@{}/{}/{}/{}/{}", log.cluster, record.topic, log.incarnation, record.partition.get(),
                     record.offset.get());
}

std::optional<std::string> event_subject(const Event& event) {
  thread_local simdjson::ondemand::parser parser;
  thread_local std::string padded;
  padded.assign(event.body);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::ondemand::document document;
  const simdjson::padded_string_view view(padded.data(), event.body.size(), padded.size());
  if (parser.iterate(view).get(document) != simdjson::SUCCESS) return std::nullopt;
  simdjson::ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view name : k_subject_fields) {
    std::string_view text;
    if (object.find_field_unordered(name).get_string().get(text) == simdjson::SUCCESS && !text.empty()) {
      return fmt::format("{}={}", name, text);
    }
  }
  return std::nullopt;
}

std::uint64_t order_lane(const RecordView& record) {
  const std::hash<std::string_view> hash;
  std::uint64_t lane = mix(hash(record.topic), static_cast<std::uint64_t>(record.partition.get()));
  if (record.key) return mix(lane, hash(*record.key));
  try {
    if (const auto subject = event_subject(parse_event(record))) return mix(mix(lane, 1), hash(*subject));
  } catch (const Error&) {
    return mix(mix(lane, 2), static_cast<std::uint64_t>(record.offset.get()));  // no event: no order to keep
  }
  return mix(mix(lane, 2), static_cast<std::uint64_t>(record.offset.get()));
}

bool is_retry_of_another_group(const RecordView& record, const GroupId& group) {
  const HeaderView* header = find_header(record.headers, names::k_retry_group);
  return header != nullptr && header->value && *header->value != group.get();
}

store::Origin event_origin(const RecordView& record) {
  store::Origin here{.topic = std::string(record.topic),
                     .partition = record.partition.get(),
                     .offset = record.offset.get(),
                     .timestamp = record.timestamp};
  const HeaderView* topic = find_header(record.headers, names::k_origin_topic);
  if (topic == nullptr || !topic->value) return here;
  const auto partition = origin_number(record, names::k_origin_partition);
  const auto offset = origin_number(record, names::k_origin_offset);
  const auto timestamp = origin_number(record, names::k_origin_timestamp);
  if (!partition || !offset || !timestamp) return here;
  return {.topic = std::string(*topic->value),
          .partition = static_cast<std::int32_t>(*partition),
          .offset = *offset,
          .timestamp = WallTime{Milliseconds{*timestamp}}};
}

std::vector<Header> origin_headers(const store::Origin& origin) {
  return {
      {std::string(names::k_origin_topic), origin.topic},
      {std::string(names::k_origin_partition), std::to_string(origin.partition)},
      {std::string(names::k_origin_offset), std::to_string(origin.offset)},
      {std::string(names::k_origin_timestamp), std::to_string(origin.timestamp.time_since_epoch().count())}};
}

}  // namespace kbeat::pipeline
