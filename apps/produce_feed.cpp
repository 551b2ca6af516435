// The loop between an input and a sender.
#include "produce_feed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/escape.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "line_letters.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_slice{50};
constexpr std::uint64_t k_serve_every = 256;  // records between looks at the reports

}  // namespace

ProduceFeed::ProduceFeed(Context& context, const Parts& parts, const FeedOptions& options)
    : m_context(context),
      m_parts(parts),
      m_options(options),
      m_begun(context.clock.steady()),
      m_run(run_name(context.clock.now())),
      m_progress(context) {
  if (options.tee && context.io.out_is_terminal()) m_progress.silence();
}

ProduceFeed::~ProduceFeed() = default;

void ProduceFeed::send_lines(LineSource& source, RecordInput& input) {
  std::string_view line;
  const std::stop_token stop = m_context.stop();
  while (!m_problem && !stop.stop_requested()) {
    switch (pull(source, line)) {
      case Pulled::end: return;
      case Pulled::too_long:
        refuse(++m_lines,
               {ErrorCode::bad_input, fmt::format("longer than {} MiB: give a delimiter with -D, or "
                                                  "send what it holds in smaller records",
                                                  LineSource::k_longest >> 20)});
        break;
      case Pulled::pause: pause(source); break;
      case Pulled::line: send_one(line, input, ++m_lines); break;
    }
  }
}

Pulled ProduceFeed::pull(LineSource& source, std::string_view& line) {
  try {
    return source.next(line);
  } catch (const Error& error) {
    stop_at(error);
    return Pulled::end;
  }
}

/// A line of which nothing is kept; a dead letter could not hold it either.
void ProduceFeed::refuse(std::uint64_t number, const Error& error) {
  const Error named(error.code(), fmt::format("{}: {}", m_parts.report.name(number), error.what()));
  if (m_options.on_bad_line != OnBadLine::skip) return stop_at_line(number, named);
  m_parts.report.skipped(number, named);
}

void ProduceFeed::stop_at_line(std::uint64_t number, const Error& error) {
  stop_at(error);
  m_parts.report.stopped_at(number, error);
}

bool ProduceFeed::has_topic(std::string_view topic, std::uint64_t number) {
  try {
    check_topic(topic);
    return true;
  } catch (const Error& error) {
    stop_at_line(number, m_sent == 0 ? error
                                     : Error(error.code(), fmt::format("{}: {}", m_parts.report.name(number),
                                                                       error.what())));
    return false;
  }
}

void ProduceFeed::send_one(std::string_view line, RecordInput& input, std::uint64_t number) {
  const RecordView* record = parse(line, input, number);
  if (record == nullptr) return;
  if (!has_topic(record->topic, number)) return;
  keep_rate();
  m_parts.sink.send(*record, number);
  ++m_sent;
  if (number % k_serve_every == 0) {
    m_parts.sink.serve();
    m_progress.show(number);
  }
  if (!m_options.tee) return;
  m_context.io.out().write(line);
  m_context.io.out().write(m_options.delimiter);
}

/// Nothing for a bad line, which is remembered, or passed over.
const RecordView* ProduceFeed::parse(std::string_view line, RecordInput& input, std::uint64_t number) {
  try {
    const RecordView& record = input.read(line);
    if (record.topic != m_last_topic) check_topic_name(record.topic);
    check_value(record);
    return &encoded(record);
  } catch (const Error& error) {
    const Error named(error.code(), fmt::format("{}: {}", m_parts.report.name(number), error.what()));
    if (m_options.on_bad_line == OnBadLine::stop || error.retryable()) {
      stop_at_line(number, named);  // no fault of the line when it may pass
    } else {
      pass_over(line, input, number, named);
    }
  }
  return nullptr;
}

void ProduceFeed::check_value(const RecordView& record) const {
  if (m_options.validity == Validity::any || !record.value) return;
  std::string reason;
  if (!is_utf8(*record.value)) throw Error(ErrorCode::bad_input, "the value is not UTF-8");
  if (m_options.validity == Validity::utf8) return;
  if (!is_json(*record.value, &reason)) {
    throw Error(ErrorCode::bad_input, fmt::format("the value is not JSON: {}", reason));
  }
  if (m_options.validity == Validity::json) return;
  const Event event = parse_event(record);
  if (m_options.validity == Validity::schema) {
    const schema::Checked checked = m_options.catalog->check(record.topic, event);
    const auto fault = fault_text(checked);
    if (fault) throw Error(ErrorCode::bad_input, fmt::format("the event does not fit its schema {}", *fault));
    if (checked.verdict == schema::Verdict::valid) return;
  }
  if (event.type.empty()) {
    throw Error(ErrorCode::bad_input, "the value is no event: none of the known shapes, or without a type");
  }
}

/// Valid until the next call.
const RecordView& ProduceFeed::encoded(const RecordView& record) {
  if (!m_options.encode || !record.value) return record;
  m_value = m_options.encode(*record.value, record.topic);
  m_encoded = record;
  m_encoded.value = m_value;
  return m_encoded;
}

/// Keeps the line as a dead letter when that is wanted; the line's number stands for an offset.
void ProduceFeed::pass_over(std::string_view line, const RecordInput& input, std::uint64_t number,
                            const Error& error) {
  if (m_options.on_bad_line != OnBadLine::dead_letter) return m_parts.report.skipped(number, error);
  const bool by_schema = m_options.validity == Validity::schema;
  const Record made =
      line_letter({.text = line,
                   .number = number,
                   .topic = input.topic().empty() ? "unknown" : input.topic(),
                   .command = "produce",
                   .run = m_run,
                   .category = by_schema ? FailureCategory::schema : FailureCategory::deserialization,
                   .error = error.what()},
                  m_options.letters.topic, m_context.clock.now());
  if (!has_letter_topic(made.topic, number)) return;
  m_parts.report.dead_letter(number, error);
  m_parts.sink.send(RecordLoan(made).view(), number);
}

/// Made as `consume` makes it.
bool ProduceFeed::has_letter_topic(const TopicName& topic, std::uint64_t number) {
  try {
    if (!m_topics.contains(topic.get()))
      pipeline::make_dlq(m_parts.transport, topic, admin_timeout(m_context));
    m_topics.insert(topic.get());
    return true;
  } catch (const Error& error) {
    if (m_options.topics_may_wait && error.retryable()) return true;
    stop_at_line(number, Error(error.code(), fmt::format("{} has no dead letter: {}",
                                                         m_parts.report.name(number), error.what())));
    return false;
  }
}

/// On Kafka a topic is never made by the way; the embedded log makes any on first use.
void ProduceFeed::check_topic(std::string_view topic) {
  if (topic == m_last_topic) return;
  const std::string name(topic);
  if (!m_topics.contains(name)) {
    const Milliseconds timeout = admin_timeout(m_context);
    try {
      pipeline::ensure_topics(m_parts.transport, {&name, 1}, pipeline::MakeTopics::no, timeout);
    } catch (const Error& error) {
      if (!m_options.topics_may_wait || !error.retryable()) throw;
    }
    m_topics.insert(name);
  }
  m_last_topic = name;
}

/// The input has nothing more for now: everything read is sent before waiting for more.
void ProduceFeed::pause(LineSource& source) {
  m_progress.show(m_lines);
  m_context.io.out().flush();
  if (m_parts.sink.unsettled() > 0) {
    m_parts.sink.flush(k_slice);
  } else {
    m_parts.sink.serve();
  }
  static_cast<void>(source.wait(m_parts.sink.unsettled() > 0 ? Milliseconds{0} : k_slice));
}

void ProduceFeed::keep_rate() {
  if (m_options.per_second <= 0) return;
  const auto due =
      m_begun + std::chrono::duration_cast<std::chrono::nanoseconds>(
                    std::chrono::duration<double>(static_cast<double>(m_sent) / m_options.per_second));
  while (m_context.clock.steady() < due && !m_context.stop().stop_requested()) {
    const auto left = std::chrono::ceil<Milliseconds>(due - m_context.clock.steady());
    m_parts.sink.flush(Milliseconds{0});
    m_progress.show(m_sent);
    m_context.clock.wait(std::min(left, k_slice), m_context.stop());
  }
}

}  // namespace kbeat::app
