// The result line's fields.
#include "kbeat/pipeline/result_line.hpp"

#include <string_view>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/decimal.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_longest_text = 4096;

std::string_view outcome_name(const Work& work, store::Applied applied) {
  switch (applied) {
    case store::Applied::duplicate: return "duplicate";
    case store::Applied::dead_letter: return "dead_letter";
    case store::Applied::applied:
    case store::Applied::superseded: return work.unhandled == Unhandled::no ? "done" : "unhandled";
    case store::Applied::skipped: return work.unhandled == Unhandled::no ? "skipped" : "unhandled";
    case store::Applied::fenced: return "fenced";
  }
  return "done";
}

void append_key(std::string& line, const std::optional<std::string_view>& key) {
  line += ",\"key\":";
  if (!key) {
    line += "null";
  } else if (is_utf8(*key)) {
    append_json_string(line, *key);
  } else {
    line += '"';
    append_base64(line, *key);
    line += "\",\"key_enc\":\"base64\"";
  }
}

void append_number(std::string& line, std::string_view name, std::int64_t number) {
  line += name;
  append_decimal(line, number);
}

void append_text(std::string& line, std::string_view name, std::string_view text) {
  line += ",\"";
  line += name;
  line += "\":";
  if (text.empty()) {
    line += "null";
  } else if (text.size() <= k_longest_text && is_utf8(text)) {
    append_json_string(line, text);
  } else {
    append_json_string(line, clean_utf8(text, k_longest_text));
  }
}

}  // namespace

void append_result_line(std::string& line, const Work& work, const store::AppliedRecord& applied) {
  line += "{\"topic\":";
  append_json_string(line, work.record.topic);
  append_number(line, ",\"partition\":", work.record.partition.get());
  append_number(line, ",\"offset\":", work.record.offset.get());
  append_key(line, work.record.key);
  append_text(line, "type", work.type);
  append_text(line, "id", work.event_id);
  line.append(",\"outcome\":\"").append(outcome_name(work, applied.applied));
  append_number(line, "\",\"attempts\":", work.attempts);
  append_number(line, ",\"ms\":", std::chrono::duration_cast<Milliseconds>(work.took).count());
  const Reject* reject = work.outcome ? std::get_if<Reject>(&*work.outcome) : nullptr;
  append_text(line, "error",
              !applied.error.empty() ? applied.error
              : reject != nullptr    ? reject->reason
                                     : "");
  const Done* done = work.outcome ? std::get_if<Done>(&*work.outcome) : nullptr;
  const bool has_result =
      done != nullptr && !done->result.empty() && applied.applied != store::Applied::dead_letter;
  line += ",\"result\":";
  line += has_result ? std::string_view(done->result) : std::string_view("null");
  if (applied.applied == store::Applied::superseded) line += ",\"superseded\":true";
  if (!work.trail.empty()) line.append(",").append(trail_fields(work.trail));
  line += "}\n";
}

}  // namespace kbeat::pipeline
