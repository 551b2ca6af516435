// A few children, lent to one event at a time, and the meaning of what they answer.
#include "kbeat/handlers/coprocess_handler.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>
#include <variant>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/handlers/body_reader.hpp"
#include "kbeat/handlers/event_envelope.hpp"
#include "kbeat/handlers/line_child.hpp"

namespace kbeat::handlers {
namespace {

/// A child, and when the next may be started.
struct Seat {
  std::unique_ptr<LineChild> child;
  std::uint64_t failures = 0;  ///< since its last answer
  SteadyTime not_before{};
};

/// The seats that nobody sits at, and the line of those who wait for one. Any thread.
class Seats {
 public:
  using Lent = std::unique_ptr<Seat, std::function<void(Seat*)>>;

  Seats(int count, Clock& clock) : m_clock(clock), m_free(static_cast<std::size_t>(count)) {
    for (Seat*& seat : m_free) {
      m_all.push_back(std::make_unique<Seat>());
      seat = m_all.back().get();
    }
  }

  /// One whose child runs or may be started now, in the order of asking; null when asked to stop. Whoever
  /// has a seat is limited, so that the line moves.
  Lent take(const std::stop_token& stop) {
    std::unique_lock lock(m_mutex);
    const std::uint64_t turn = m_asked++;
    m_line.push_back(turn);
    Seat* seat = take_ready(turn);
    while (seat == nullptr && !stop.stop_requested()) {
      m_changed.wait_until(lock, stop, next_look(turn),
                           [this, seen = m_changes] { return m_changes != seen; });
      seat = take_ready(turn);
    }
    std::erase(m_line, turn);
    note_change();
    return {seat, [this](Seat* used) { give_back(used); }};
  }

 private:
  void give_back(Seat* seat) {
    const std::scoped_lock lock(m_mutex);
    m_free.push_back(seat);
    note_change();
  }

  void note_change() {
    ++m_changes;
    m_changed.notify_all();
  }

  /// Null when it is the turn of another, or no child runs or may be started now.
  Seat* take_ready(std::uint64_t turn) {
    if (m_line.front() != turn) return nullptr;
    const SteadyTime now = m_clock.steady();
    const auto found = std::find_if(m_free.rbegin(), m_free.rend(), [now](const Seat* seat) {
      return seat->child || seat->not_before <= now;
    });
    if (found == m_free.rend()) return nullptr;
    Seat* seat = *found;
    std::erase(m_free, seat);
    return seat;
  }

  /// When time alone may have made a seat ready: the first start of those that are free.
  [[nodiscard]] SteadyTime next_look(std::uint64_t turn) const {
    SteadyTime first = m_clock.steady() + std::chrono::hours{1};
    if (m_line.front() != turn) return first;
    for (const Seat* seat : m_free) first = std::min(first, seat->not_before);
    return first;
  }

  Clock& m_clock;
  std::mutex m_mutex;  ///< guards all below
  std::condition_variable_any m_changed;
  std::vector<std::unique_ptr<Seat>> m_all;
  std::vector<Seat*> m_free;
  std::deque<std::uint64_t> m_line;
  std::uint64_t m_asked = 0;
  std::uint64_t m_changes = 0;  ///< of m_free and m_line
};

/// Reads the child's answer; a fault is the protocol's.
std::variant<Outcome, std::string> read_answer(const std::string& line, std::string_view id) {
  if (std::string why; !is_json(line, &why)) return fmt::format("the answer is not JSON: {}", why);
  BodyReader answer(line);
  const std::string of = answer.id("id");
  const std::string word = answer.text("outcome");
  const std::string reason = clean_utf8(answer.optional_text("error", line.size()), 1024);
  const std::string category = answer.optional_text("category");
  if (answer.rejection()) return answer.rejection()->reason;
  if (of != id) return std::string("the answer has the id of another event");
  if (word == "done") return Done{{}, answer.has("result") ? answer.json("result") : std::string()};
  const FailureCategory kind =
      category.empty() ? FailureCategory::processing : parse_failure_category(category);
  const std::string said = reason.empty() ? fmt::format("the handler answered {}", word) : reason;
  if (word == "retry") return Retry{kind, said, std::nullopt};
  if (word == "reject") return Reject{kind, said};
  return fmt::format("the outcome \"{}\" is none of done, retry and reject", escape_for_terminal(word, 40));
}

Outcome outcome_of_death(int status) {
  if (WIFSIGNALED(status) && !is_own_making(WTERMSIG(status))) {
    return Retry{FailureCategory::dependency,
                 fmt::format("the coprocess was ended from outside (signal {})", WTERMSIG(status)),
                 std::nullopt};
  }
  const std::string how = WIFSIGNALED(status) ? fmt::format("signal {}", WTERMSIG(status))
                                              : fmt::format("exit code {}", WEXITSTATUS(status));
  return Retry{FailureCategory::crash, fmt::format("the coprocess died over the event ({})", how),
               std::nullopt};
}

class CoprocessHandler final : public Handler {
 public:
  CoprocessHandler(CoprocessOptions options, Clock& clock)
      : m_options(std::move(options)),
        m_clock(clock),
        m_environment(program_environment(m_options.environment)),
        m_seats(m_options.processes, clock) {
    if (m_options.name.empty()) m_options.name = program_handler_name("coprocess", m_options.command);
  }

  std::string_view name() const override { return m_options.name; }
  std::optional<Milliseconds> time_limit() const override { return m_options.time_limit; }
  Cost cost() const override { return Cost::slow; }
  Place place() const override { return Place::elsewhere; }

  Outcome handle(const RecordView& record, const Event&, const HandlerContext& context) override {
    const Seats::Lent seat = living_seat(context.stop);
    if (!seat) return Retry{FailureCategory::timeout, "asked to stop", std::nullopt};
    try {
      if (!seat->child) seat->child = std::make_unique<LineChild>(m_options.command, m_environment);
    } catch (const Error& error) {
      note_failure(*seat, error.what());
      return Retry{FailureCategory::dependency, error.what(), std::nullopt};
    }
    return ask(*seat, record, context);
  }

 private:
  /// One whose child runs, or has yet to be started; null when asked to stop.
  Seats::Lent living_seat(const std::stop_token& stop) {
    Seats::Lent seat = m_seats.take(stop);
    while (seat && seat->child && seat->child->is_gone()) {
      note_failure(*seat, "it ended between two events");
      seat.reset();
      seat = m_seats.take(stop);
    }
    return seat;
  }

  Outcome ask(Seat& seat, const RecordView& record, const HandlerContext& context) {
    const std::string id = clean_utf8(context.identity, context.identity.size() * 3);
    const SteadyTime deadline = m_clock.steady() + context.time_limit;  // its own time begins here
    const Exchange exchange = seat.child->exchange(event_envelope(record, id) + "\n", deadline, context.stop);
    switch (exchange.end) {
      case ExchangeEnd::answered: break;
      case ExchangeEnd::stopped:
        seat.child.reset();
        return Retry{FailureCategory::timeout, "asked to stop", std::nullopt};
      case ExchangeEnd::timed_out:
        note_failure(seat, "it did not answer in time");
        return Retry{FailureCategory::timeout, "the coprocess did not answer in time", std::nullopt};
      case ExchangeEnd::protocol: return broken(seat, "it wrote more than one line for one event");
      case ExchangeEnd::died:
        note_failure(seat, "it died over an event");
        return outcome_of_death(exchange.status);
    }
    auto answer = read_answer(exchange.answer, id);
    if (const auto* fault = std::get_if<std::string>(&answer)) return broken(seat, *fault);
    seat.failures = 0;
    return std::get<Outcome>(std::move(answer));
  }

  Outcome broken(Seat& seat, const std::string& fault) {
    note_failure(seat, fault);
    return Retry{FailureCategory::processing, fmt::format("the coprocess broke the protocol: {}", fault),
                 std::nullopt};
  }

  void note_failure(Seat& seat, std::string_view what) {
    constexpr double k_no_jitter = 0.5;
    seat.child.reset();
    const Milliseconds wait = backoff_delay(m_options.restart, ++seat.failures, k_no_jitter);
    seat.not_before = m_clock.steady() + wait;
    log_warning("{}: {}; the next start is in {}", m_options.name, what, seconds_text(wait));
  }

  CoprocessOptions m_options;
  Clock& m_clock;
  std::vector<std::string> m_environment;
  Seats m_seats;
};

}  // namespace

std::unique_ptr<Handler> make_coprocess_handler(CoprocessOptions options, Clock& clock) {
  return std::make_unique<CoprocessHandler>(std::move(options), clock);
}

}  // namespace kbeat::handlers
