// From a line to the letter that holds it.
#include "line_letters.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "kbeat/model/dead_letter.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/pipeline/topics.hpp"

namespace kbeat::app {

std::string run_name(WallTime now) {
  return fmt::format("{}-{}", now.time_since_epoch().count(), ::getpid());
}

Record line_letter(const BadLine& line, const std::optional<TopicName>& chosen, WallTime now) {
  const RecordView record{.topic = line.topic,
                          .partition = Partition{-1},
                          .offset = Offset{static_cast<std::int64_t>(line.number)},
                          .timestamp = now,
                          .timestamp_type = TimestampType::create,
                          .value = line.text};
  DeadLetter letter;
  letter.group = GroupId{fmt::format("{}:{}", line.command, line.run)};
  letter.original = to_record(record);
  letter.handler = line.command;
  letter.category = line.category;
  letter.error = line.error;
  letter.first_failed_at = letter.failed_at = now;
  letter.dlq_topic = pipeline::dlq_topic_for(line.topic, chosen);
  return to_dlq_record(letter);
}

LineLetters::LineLetters(transport::Transport& transport, std::optional<TopicName> chosen,
                         Milliseconds timeout)
    : m_transport(transport),
      m_chosen(std::move(chosen)),
      m_timeout(timeout),
      m_sender(transport, {.client_id = "kbeat-letters"},
               [this](const transport::SendFailure& failure) { m_failure = failure.error; }) {}

void LineLetters::keep(const BadLine& line, WallTime now) {
  if (line.number <= m_kept_up_to) return;
  const Record letter = line_letter(line, m_chosen, now);
  if (!m_made.contains(letter.topic)) pipeline::make_dlq(m_transport, letter.topic, m_timeout);
  m_made.insert(letter.topic);
  m_sender.send(RecordLoan(letter).view(), line.number);
  m_sender.finish(m_timeout);
  if (m_failure) {
    throw Error(ErrorCode::undelivered,
                fmt::format("line {} is bad, and its dead letter was not delivered: {}", line.number,
                            m_failure->what()));
  }
  m_kept_up_to = line.number;
}

}  // namespace kbeat::app
