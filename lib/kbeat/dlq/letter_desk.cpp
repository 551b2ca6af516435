// Passes over a DLQ until every letter that was wanted is decided or left.
#include "kbeat/dlq/letter_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/dlq/error_patterns.hpp"
#include "kbeat/dlq/state_writer.hpp"
#include "kbeat/pipeline/topics.hpp"

namespace kbeat::dlq {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t k_letters_a_transaction = 250;  ///< two records each
constexpr std::size_t k_letters_a_delivery = 5000;    ///< that a courier takes at once
constexpr Milliseconds k_transaction_time = 1s;
constexpr std::uint64_t k_most_passes = 6;

std::optional<store::ClosedLetter> own_row(const SeenLetter& letter, LetterState state) {
  if (letter.kind != LetterKind::own) return std::nullopt;
  return store::ClosedLetter{
      .cluster = std::string(letter.cluster),
      .group = std::string(letter.group),
      .partition = {TopicName{std::string(letter.topic)}, letter.partition.value_or(Partition{-1})},
      .offset = letter.offset.value_or(Offset{-1}),
      .state = std::string(pipeline::to_string(state))};
}

/// Decides letters pass after pass: each has a writer of its own and reads the states anew.
class Desk {
 public:
  Desk(const DlqSource& source, const TopicName& dlq, const DeskOptions& options, const Decider& decide,
       Clock& clock, std::stop_token stop)
      : m_source(source), m_dlq(dlq), m_options(options), m_decide(decide), m_clock(clock), m_stop(stop) {}

  DeskReport run() {
    for (std::uint64_t pass = 1;; ++pass) {
      try {
        run_pass();
        return std::move(m_report);
      } catch (const Error& error) {
        if (!error.retryable() || pass >= k_most_passes || m_options.dry_run) throw;
        const Milliseconds wait = backoff_delay({}, pass, 0.5);
        log_warning("{}; reading the states again in {}", error.what(), seconds_text(wait));
        if (m_clock.wait(wait, m_stop) == Waited::stopped) throw;
      }
    }
  }

 private:
  void run_pass() {
    if (!m_options.dry_run) {
      if (m_options.make_state_topic)
        pipeline::make_topic(m_source.transport, pipeline::dlq_specs(m_dlq).back(), m_source.timeout);
      // Made before the states are read: whoever wrote them before is fenced from here on.
      m_writer.reset();
      m_writer = std::make_unique<StateWriter>(m_source, m_dlq, m_clock);
    }
    m_left.clear();
    m_batch.clear();
    m_begun = m_clock.steady();
    m_paced = 0;
    LetterIndex index = read_states(m_source, m_dlq, m_stop);
    count_what_was_in_doubt(index);
    LetterQuery query = m_options.query;
    view_letters(m_source, m_dlq, query, index, m_stop, [&](const SeenLetter& letter) { consider(letter); });
    write_batch();
    m_report.left = m_left;
  }

  /// What became of a transaction whose commit got no answer stands in the states.
  void count_what_was_in_doubt(const LetterIndex& index) {
    for (const DecidedLetter& letter : std::exchange(m_in_doubt, {})) {
      if (index.state(letter.identity) == letter.state) count(letter);
    }
  }

  void consider(const SeenLetter& letter) {
    if (m_options.count && m_report.decided_count() + m_batch.size() >= *m_options.count) return;
    Verdict verdict = m_decide(letter);
    if (const auto* left = std::get_if<Left>(&verdict)) {
      ++m_left[left->reason];
      return;
    }
    auto& decision = std::get<Decision>(verdict);
    DecidedLetter decided{.identity = letter.id,
                          .state = decision.state,
                          .reason = std::move(decision.reason),
                          .pattern = error_pattern(letter.error),
                          .copy = std::move(decision.copy),
                          .delivered = false,
                          .body = std::nullopt,
                          .closes = own_row(letter, decision.state)};
    if (decision.state == LetterState::archived) decided.body = to_record(letter.record);
    if (m_options.dry_run) {
      count(decided);
      return;
    }
    if (m_batch.empty()) m_first = m_clock.steady();
    m_batch.push_back(std::move(decided));
    const bool old = m_clock.steady() - m_first >= k_transaction_time;
    if (m_batch.size() >= letters_a_batch() || (old && !m_options.courier)) {
      write_batch();
      keep_rate();
    }
  }

  /// With a rate, what fits into a tenth of a second: no transaction is open over a wait.
  [[nodiscard]] std::size_t letters_a_batch() const {
    const std::size_t most = m_options.courier ? k_letters_a_delivery : k_letters_a_transaction;
    if (m_options.per_second <= 0) return most;
    const auto tenth = static_cast<std::size_t>(std::min(m_options.per_second / 10, 1e6));
    return std::clamp<std::size_t>(tenth, 1, most);
  }

  void write_batch() {
    std::vector<DecidedLetter> batch = std::exchange(m_batch, {});
    m_paced += batch.size();
    if (m_options.courier) deliver(batch);
    for (std::size_t begin = 0; begin < batch.size(); begin += k_letters_a_transaction) {
      const auto first = batch.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto size = std::min(k_letters_a_transaction, batch.size() - begin);
      write_transaction({std::make_move_iterator(first),
                         std::make_move_iterator(first + static_cast<std::ptrdiff_t>(size))});
    }
  }

  /// What the courier could not deliver stays.
  void deliver(std::vector<DecidedLetter>& batch) {
    std::vector<const Record*> copies;
    for (const DecidedLetter& letter : batch) {
      if (letter.copy) copies.push_back(&*letter.copy);
    }
    if (copies.empty()) return;
    const auto obstacles = m_options.courier(copies);
    auto obstacle = obstacles.begin();
    std::vector<DecidedLetter> decided;
    for (DecidedLetter& letter : batch) {
      letter.delivered = letter.copy.has_value();
      if (letter.delivered && (obstacle++)->has_value()) {
        ++m_left[**std::prev(obstacle)];
      } else {
        decided.push_back(std::move(letter));
      }
    }
    batch = std::move(decided);
  }

  void write_transaction(std::vector<DecidedLetter> batch) {
    try {
      m_writer->write(batch);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::fenced) throw;
      if (error.retryable()) {
        m_in_doubt = std::move(batch);
        throw;
      }
      write_singly(batch, error);
      return;
    }
    for (const DecidedLetter& letter : batch) count(letter);
  }

  /// One of them cannot be written: the others can.
  void write_singly(std::vector<DecidedLetter>& batch, const Error& cause) {
    for (DecidedLetter& letter : batch) {
      std::vector<DecidedLetter> one;
      one.push_back(std::move(letter));
      try {
        if (batch.size() == 1) throw Error(cause);
        m_writer->write(one);
        count(one.front());
      } catch (const Error& error) {
        if (error.code() == ErrorCode::fenced) throw;
        if (error.retryable()) {
          m_in_doubt = std::move(one);
          throw;
        }
        ++m_left[error.what()];
      }
    }
  }

  void keep_rate() {
    if (m_options.per_second <= 0) return;
    const auto due =
        m_begun + std::chrono::duration_cast<std::chrono::nanoseconds>(
                      std::chrono::duration<double>(static_cast<double>(m_paced) / m_options.per_second));
    const SteadyTime now = m_clock.steady();
    if (due <= now) return;
    if (m_clock.wait(std::chrono::ceil<Milliseconds>(due - now), m_stop) == Waited::stopped)
      throw Error(ErrorCode::interrupted, fmt::format("stopped after {} letters", m_report.decided_count()));
  }

  void count(const DecidedLetter& letter) {
    ++m_report.decided[letter.state];
    ++m_report.reasons[letter.pattern];
    if (letter.copy) ++m_report.targets[letter.copy->topic.get()];
  }

  const DlqSource& m_source;
  const TopicName& m_dlq;
  const DeskOptions& m_options;
  const Decider& m_decide;
  Clock& m_clock;
  std::stop_token m_stop;
  std::unique_ptr<StateWriter> m_writer;
  std::vector<DecidedLetter> m_batch;
  std::vector<DecidedLetter> m_in_doubt;
  std::map<std::string, std::uint64_t> m_left;  ///< of this pass
  DeskReport m_report;
  SteadyTime m_begun;
  SteadyTime m_first;
  std::size_t m_paced = 0;
};

void add(std::map<std::string, std::uint64_t>& sum, const std::map<std::string, std::uint64_t>& more) {
  for (const auto& [name, count] : more) sum[name] += count;
}

std::uint64_t sum_of(const auto& counts) {
  std::uint64_t sum = 0;
  for (const auto& [name, count] : counts) sum += count;
  return sum;
}

}  // namespace

std::uint64_t DeskReport::decided_count() const {
  return sum_of(decided);
}

std::uint64_t DeskReport::left_count() const {
  return sum_of(left);
}

DeskReport& DeskReport::operator+=(const DeskReport& other) {
  for (const auto& [state, count] : other.decided) decided[state] += count;
  add(targets, other.targets);
  add(reasons, other.reasons);
  add(left, other.left);
  return *this;
}

DeskReport decide_letters(const DlqSource& source, const TopicName& dlq, const DeskOptions& options,
                          const Decider& decide, Clock& clock, std::stop_token stop) {
  return Desk(source, dlq, options, decide, clock, stop).run();
}

}  // namespace kbeat::dlq
