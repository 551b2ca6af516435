// The table of core metrics.
#include "kbeat/handlers/metric_columns.hpp"

#include <array>
#include <utility>

#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::handlers {
namespace {

using enum ColumnKind;

constexpr std::array<std::pair<std::string_view, ColumnKind>, 33> k_columns{{
    {"duration", number},
    {"sample_rate", integer},
    {"channels", integer},
    {"codec", text},
    {"bpm", number},
    {"bpm_raw", number},
    {"bpm_alt", number},
    {"bpm_confidence", number},
    {"octave_confidence", number},
    {"bpm_stability", number},
    {"beats", list},
    {"downbeats", list},
    {"beats_per_bar", integer},
    {"key", text},
    {"mode", text},
    {"camelot", text},
    {"open_key", text},
    {"key_confidence", number},
    {"key_alt", text},
    {"tuning_hz", number},
    {"lufs_integrated", number},
    {"lra", number},
    {"true_peak_dbtp", number},
    {"sample_peak_dbfs", number},
    {"rms_dbfs", number},
    {"crest_db", number},
    {"clipped_runs", integer},
    {"dc_offset", number},
    {"silence_head", number},
    {"silence_tail", number},
    {"first_beat", number},
    {"energy", number},
    {"flags", list},
}};

}  // namespace

std::optional<ColumnKind> metric_column(std::string_view metric) {
  for (const auto& [name, kind] : k_columns) {
    if (name == metric) return kind;
  }
  return std::nullopt;
}

bool fits_column(ColumnKind kind, std::string_view json) {
  if (json == "null") return true;
  const bool is_number = json.front() == '-' || (json.front() >= '0' && json.front() <= '9');
  switch (kind) {
    case number: return is_number;
    case integer: return is_number && std::holds_alternative<std::int64_t>(to_column(json));
    case text: return json.front() == '"';
    case list: return json.front() == '[';
  }
  return false;
}

std::string_view name_of(ColumnKind kind) {
  switch (kind) {
    case number: return "a number";
    case integer: return "an integer";
    case text: return "a string";
    case list: return "an array";
  }
  return "a value";
}

}  // namespace kbeat::handlers
