// Dead letters from failed work.
#include "kbeat/pipeline/letters.hpp"

#include <algorithm>
#include <charconv>

#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::pipeline {
namespace {

std::optional<std::string_view> text_header(const RecordView& record, std::string_view name) {
  const HeaderView* header = find_header(record.headers, name);
  return header != nullptr ? header->value : std::nullopt;
}

int number_or_zero(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return std::max(number, 0);
}

bool is_retry_header(const Header& header) {
  return header.name == names::k_retry_group || header.name == names::k_retry_root ||
         header.name == names::k_retry_count;
}

}  // namespace

TopicName dlq_topic_for(std::string_view topic, const std::optional<TopicName>& chosen) {
  if (chosen) return *chosen;
  const bool analytics = topic == "beats-events" || topic == "metrics-events" || topic == "analytics-events";
  return TopicName{analytics ? "analytics-dlq" : "dead.letter.queue"};
}

std::vector<TopicName> letter_topics(const LetterOptions& options) {
  std::vector<TopicName> topics{TopicName{"analytics-dlq"}, TopicName{"dead.letter.queue"}};
  if (options.topic) topics = {*options.topic};
  for (std::size_t i = topics.size(); i-- > 0;) topics.push_back(state_topic(topics[i]));
  return topics;
}

DeadLetter make_letter(const Work& work, const Reject& reject, const store::Scope& scope,
                       const LetterOptions& options, WallTime now) {
  DeadLetter letter;
  letter.cluster = scope.cluster;
  letter.group = scope.group;
  letter.original = to_record(work.record);
  letter.handler = work.handler;
  letter.category = reject.category;
  letter.error = reject.reason;
  letter.attempts = std::max(work.attempts, 1);
  letter.first_failed_at = work.first_failed == WallTime{} ? now : work.first_failed;
  letter.failed_at = now;
  letter.event_id = work.identity;
  letter.dlq_topic = dlq_topic_for(work.record.topic, options.topic);
  letter.format = options.format;
  letter.replays = number_or_zero(text_header(work.record, names::k_retry_count).value_or("0"));
  letter.root = text_header(work.record, names::k_retry_root).value_or("");
  std::erase_if(letter.original.headers, is_retry_header);
  return letter;
}

}  // namespace kbeat::pipeline
