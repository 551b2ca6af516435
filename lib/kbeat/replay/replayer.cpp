// The loop of a replay.
#include "kbeat/replay/replayer.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/backoff.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::replay {
namespace {

constexpr std::uint64_t k_most_passes = 6;
constexpr Milliseconds k_turn{100};
constexpr Milliseconds k_settle_every{1000};

std::string plan_name(const ReplaySource& source, const ReplayOptions& options) {
  return to_hex(sha256(source.description() + "\n" + options.choice)).substr(0, 16);
}

class Replay {
 public:
  Replay(ReplaySource& source, const std::function<std::unique_ptr<ReplaySink>()>& make_sink,
         const ReplayOptions& options, Clock& clock, std::stop_token stop)
      : m_source(source),
        m_make_sink(make_sink),
        m_options(options),
        m_clock(clock),
        m_stop(stop),
        m_pacer(options.pace, clock) {
    m_plan = {.plan = plan_name(source, options), .cursor = source.cursor()};
    m_state = m_plan;
  }

  ReplayResult run() {
    bool first = true;
    for (std::uint64_t pass = 1;; ++pass) {
      try {
        begin(std::exchange(first, false));
        move();
        break;
      } catch (const Error& error) {
        if (!error.retryable() || !m_sink || !m_sink->remembers() || pass >= k_most_passes) throw;
        const Milliseconds wait = backoff_delay({}, pass, 0.5);
        log_warning("{}; going on from the checkpoint in {}", error.what(), seconds_text(wait));
        if (m_clock.wait(wait, m_stop) == Waited::stopped) throw;
      }
    }
    return {.sent = m_state.sent - m_before,
            .before = m_before,
            .failed = m_sink->failed(),
            .passed_over = m_source.passed_over(),
            .fault = m_refused ? m_refused : m_source.fault()};
  }

 private:
  void begin(bool first) {
    m_sink.reset();
    m_sink = m_make_sink();
    if (m_sink->remembers()) m_source.keep_marks();
    const std::optional<Checkpoint> found = m_sink->resume(m_plan);
    if (first && !found) return;
    m_state = found.value_or(m_plan);
    if (first) m_before = m_state.sent;
    m_source.seek(m_state.cursor);
  }

  void move() {
    m_settled = m_clock.steady();
    Turn turn = Turn::more;
    while (turn == Turn::more && !m_stop.stop_requested() && !has_enough() && !m_refused) {
      turn = m_source.turn(k_turn, [this](const RecordView& record) { return take(record); });
      report();
      if (m_clock.steady() - m_settled >= k_settle_every) pause(m_source.cursor());
    }
    m_state.cursor = m_stopped_at.value_or(m_source.cursor());
    m_sink->settle(m_state);
    if (turn == Turn::more && !has_enough() && !m_refused) {
      throw Error(ErrorCode::interrupted,
                  fmt::format("stopped by a signal after {} records", m_state.sent - m_before));
    }
  }

  [[nodiscard]] bool has_enough() const { return m_options.count && m_state.sent >= *m_options.count; }

  void report() const {
    if (m_options.on_progress) m_options.on_progress(m_source.cursor(), m_state.sent);
  }

  bool take(const RecordView& record) {
    if (m_options.wanted && !m_options.wanted(record)) return true;
    if (!await_turn(record)) return false;
    bool is_full = false;
    try {
      is_full = m_sink->send(record, m_state.sent + 1);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::usage) throw;
      refuse(record, error);
      return false;
    }
    ++m_state.sent;
    if (is_full) pause(m_source.cursor());
    return !m_stop.stop_requested() && !has_enough();
  }

  /// A record that cannot go where it should: what came before it is settled, then this is told.
  void refuse(const RecordView& record, const Error& error) {
    m_refused = Error(error.code(), fmt::format("{}: {}", m_source.name_of(record), error.what()));
    m_stopped_at = m_source.cursor_before(record);
  }

  /// False when it was told to stop meanwhile: the record is not gone then, and the checkpoint stands before
  /// it.
  bool await_turn(const RecordView& record) {
    bool waits = false;
    for (Milliseconds wait = m_pacer.wait_for(record.timestamp); wait > Milliseconds{0};
         wait = m_pacer.wait_for(record.timestamp)) {
      if (!std::exchange(waits, true)) pause(m_source.cursor_before(record));
      report();
      if (m_clock.wait(std::min(wait, Milliseconds{1000}), m_stop) == Waited::stopped) {
        m_stopped_at = m_source.cursor_before(record);
        return false;
      }
    }
    return true;
  }

  /// Nothing is open over a silence, and a checkpoint is never much older than a second.
  void pause(const Cursor& cursor) {
    m_settled = m_clock.steady();
    if (!m_sink->remembers()) return m_sink->flush();
    m_state.cursor = cursor;
    m_sink->settle(m_state);
  }

  ReplaySource& m_source;
  const std::function<std::unique_ptr<ReplaySink>()>& m_make_sink;
  const ReplayOptions& m_options;
  Clock& m_clock;
  std::stop_token m_stop;
  Pacer m_pacer;
  std::unique_ptr<ReplaySink> m_sink;
  Checkpoint m_plan;  ///< before the first record
  Checkpoint m_state;
  std::optional<Cursor> m_stopped_at;  ///< before a record that was to wait, or was refused
  std::optional<Error> m_refused;
  std::uint64_t m_before = 0;
  SteadyTime m_settled;
};

}  // namespace

std::string ReplaySource::name_of(const RecordView& record) const {
  return fmt::format("{}[{}] at {}", record.topic, record.partition.get(), record.offset.get());
}

ReplayResult replay(ReplaySource& source, const std::function<std::unique_ptr<ReplaySink>()>& make_sink,
                    const ReplayOptions& options, Clock& clock, std::stop_token stop) {
  return Replay(source, make_sink, options, clock, stop).run();
}

}  // namespace kbeat::replay
