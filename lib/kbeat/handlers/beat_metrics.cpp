// Splices metrics as they were printed: no number is parsed and printed again.
#include "kbeat/handlers/beat_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/escape.hpp"
#include "kbeat/handlers/metric_columns.hpp"

namespace kbeat::handlers {
namespace {

constexpr std::array<std::string_view, 3> k_beat_fields{"beatId", "userId", "audioUrl"};
constexpr std::array<std::string_view, 6> k_shown{"duration",        "bpm",   "key", "mode",
                                                  "lufs_integrated", "energy"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Appends `"name":json`, with a comma unless it is the object's first.
void append_field(std::string& object, std::string_view name, std::string_view json) {
  if (object.back() != '{') object += ',';
  append_json_string(object, name);
  object += ':';
  object += json;
}

void append_text_field(std::string& object, std::string_view name, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  append_field(object, name, json);
}

}  // namespace

Beat read_beat(BodyReader& body) {
  return {.id = body.text("beatId"),
          .user_id = body.optional_text("userId"),
          .audio_url = body.optional_text("audioUrl", k_longest_url)};
}

UpsertBeatMetrics to_row(const Beat& beat, BodyReader& metrics) {
  UpsertBeatMetrics row{.beat_id = beat.id, .user_id = beat.user_id, .audio_url = beat.audio_url, .core = {}};
  std::string extra = "{";
  for (const BodyField& field : metrics.fields()) {
    if (contains(k_beat_fields, field.name)) continue;
    const std::optional<ColumnKind> kind = metric_column(field.name);
    if (!kind) {
      append_field(extra, field.name, field.json);
    } else if (fits_column(*kind, field.json)) {
      row.core.emplace_back(field.name, to_column(field.json));
    } else {
      metrics.reject(fmt::format("{} is not {}", field.name, name_of(*kind)));
    }
  }
  row.extra = extra + "}";
  return row;
}

Emit metric_calculated(const Beat& beat, const BodyReader& metrics, std::string_view identity) {
  std::string payload = "{";
  append_text_field(payload, "beatId", beat.id);
  if (beat.user_id.empty()) {
    append_field(payload, "userId", "null");
  } else {
    append_text_field(payload, "userId", beat.user_id);
  }
  append_text_field(payload, "audioUrl", beat.audio_url);
  for (const BodyField& field : metrics.fields()) append_field(payload, field.name, field.json);
  return {.topic = TopicName("analytics-events"),
          .key = beat.id,
          .value = fmt::format(R"({{"type":"METRIC_CALCULATED","payload":{}}}}})", payload),
          .headers = {},
          .event_id = fmt::format("{}/METRIC_CALCULATED", identity)};
}

std::string summary(const Beat& beat, const BodyReader& metrics) {
  std::string shown = "{";
  append_text_field(shown, "beatId", beat.id);
  for (const BodyField& field : metrics.fields()) {
    if (contains(k_shown, field.name)) append_field(shown, field.name, field.json);
  }
  return shown + "}";
}

}  // namespace kbeat::handlers
