// State records of dead letters, written and read.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"
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

std::optional<LetterState> state_named(std::string_view name) {
  const auto* const found =
      std::find_if(k_names.begin(), k_names.end(), [name](const auto& each) { return each.second == name; });
  if (found == k_names.end()) return std::nullopt;
  return found->first;
}

/// Nothing of a record that is no state.
std::optional<Decision> decision_of(const RecordView& record) {
  if (!record.value) return Decision{};
  thread_local simdjson::ondemand::parser parser;
  thread_local std::string padded;
  padded.assign(*record.value);
  const std::size_t size = padded.size();
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::ondemand::document document;
  std::string_view name;
  if (parser.iterate(padded.data(), size, padded.size()).get(document) != simdjson::SUCCESS ||
      document["state"].get_string().get(name) != simdjson::SUCCESS)
    return std::nullopt;
  const auto state = state_named(name);
  if (!state) return std::nullopt;
  Decision decision{.state = *state};
  std::ignore = document["at"].get_string().get(decision.at);
  std::ignore = document["reason"].get_string().get(decision.reason);
  return decision;
}

/// Records that others wrote among the states: the first is named, and how many there were.
class ForeignStates {
 public:
  void add(const RecordView& record) {
    if (m_count++ > 0) return;
    m_topic = record.topic;
    m_partition = record.partition;
    m_offset = record.offset;
  }

  void warn() const {
    if (m_count == 0) return;
    log_warning(
        "{} partition {} offset {} is no state of a dead letter and is passed over ({} such records): only "
        "kbeat dlq is to write there",
        m_topic, m_partition.get(), m_offset.get(), m_count);
  }

 private:
  std::uint64_t m_count = 0;
  std::string m_topic;
  Partition m_partition{-1};
  Offset m_offset{-1};
};

}  // namespace

std::string_view to_string(LetterState state) {
  for (const auto& [value, name] : k_names) {
    if (value == state) return name;
  }
  return "open";
}

LetterState parse_letter_state(std::string_view text) {
  if (const auto state = state_named(text)) return *state;
  throw Error(ErrorCode::usage,
              fmt::format("\"{}\" is not a state: use open, pending, retried, archived or discarded",
                          escape_for_terminal(text, 40)));
}

TopicName state_topic(const TopicName& dlq) {
  return TopicName{dlq.get() + "-state"};
}

bool keeps_letters(std::string_view topic) {
  constexpr std::string_view k_states = "-state";
  if (topic.ends_with(k_states)) topic.remove_suffix(k_states.size());
  return topic == "analytics-dlq" || topic == "dead.letter.queue";
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
  ForeignStates foreign;
  Ends ends;
  try {
    ends = read_to_end(transport, state_topic(dlq), options, stop, [&](const RecordView& record) {
      const auto decision = record.key ? decision_of(record) : std::nullopt;
      decision ? sink(*record.key, *decision) : foreign.add(record);
    });
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
  foreign.warn();
  return ends;
}

}  // namespace kbeat::pipeline
