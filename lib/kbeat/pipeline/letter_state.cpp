// State records of dead letters, written and read.
#include <fmt/format.h>
#include <simdjson.h>

#include <array>
#include <tuple>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::array<std::pair<LetterState, std::string_view>, 5> k_names{{
    {LetterState::open, "open"},
    {LetterState::pending, "pending"},
    {LetterState::retried, "retried"},
    {LetterState::archived, "archived"},
    {LetterState::discarded, "discarded"},
}};

Decision decision_of(const RecordView& record) {
  thread_local simdjson::ondemand::parser parser;
  thread_local std::string padded;
  padded.assign(record.value.value_or(""));
  const std::size_t size = padded.size();
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::ondemand::document document;
  std::string_view state;
  if (parser.iterate(padded.data(), size, padded.size()).get(document) == simdjson::SUCCESS &&
      document["state"].get_string().get(state) == simdjson::SUCCESS) {
    Decision decision{.state = parse_letter_state(state)};
    std::ignore = document["at"].get_string().get(decision.at);
    std::ignore = document["reason"].get_string().get(decision.reason);
    return decision;
  }
  throw Error(ErrorCode::bad_input,
              fmt::format("{} offset {} is no state of a dead letter", record.topic, record.offset.get()));
}

}  // namespace

std::string_view to_string(LetterState state) {
  for (const auto& [value, name] : k_names) {
    if (value == state) return name;
  }
  return "open";
}

LetterState parse_letter_state(std::string_view text) {
  for (const auto& [value, name] : k_names) {
    if (name == text) return value;
  }
  throw Error(ErrorCode::usage,
              fmt::format("\"{}\" is not a state: use open, pending, retried, archived or discarded",
                          escape_for_terminal(text, 40)));
}

TopicName state_topic(const TopicName& dlq) {
  return TopicName{dlq.get() + "-state"};
}

Record state_record(const TopicName& dlq, const std::string& identity, LetterState state, WallTime at,
                    const StateNote& note) {
  std::string value =
      fmt::format("{{\"state\":\"{}\",\"at\":\"{}\",\"reason\":", to_string(state), to_rfc3339(at));
  append_json_string(value, clean_utf8(note.reason, 1024));
  if (!note.host.empty()) {
    value += ",\"host\":";
    append_json_string(value, clean_utf8(note.host, 256));
  }
  value += '}';
  return {.topic = state_topic(dlq),
          .timestamp = at,
          .timestamp_type = TimestampType::create,
          .key = identity,
          .value = std::move(value)};
}

Ends read_states(transport::Transport& transport, const TopicName& dlq, const BoundedReadOptions& options,
                 std::stop_token stop, const DecisionSink& sink) {
  try {
    return read_to_end(transport, state_topic(dlq), options, stop, [&](const RecordView& record) {
      if (record.key) sink(*record.key, record.value ? decision_of(record) : Decision{});
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  return {};
}

}  // namespace kbeat::pipeline
