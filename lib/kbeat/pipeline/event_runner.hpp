// Runs one record through its handler and turns whatever happens into an outcome.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/pipeline/breakers.hpp"
#include "kbeat/pipeline/identity.hpp"
#include "kbeat/pipeline/retry_policy.hpp"
#include "kbeat/pipeline/work.hpp"

namespace kbeat::pipeline {

struct RunnerOptions {
  std::optional<std::string> as_topic;  ///< handle as if the record came from there
  bool strict = false;                  ///< unknown types and topics are rejected
  bool keep_events = false;             ///< event sourcing: every handled event goes into `events` too
  bool rehearses = false;               ///< nothing follows: handlers whose work is elsewhere are not called
  Milliseconds handler_timeout{300'000};
  /// Says what is wrong with an event before its handler sees it; null: nothing is checked.
  std::function<std::optional<std::string>(std::string_view topic, const Event& event)> fault_of;
  /// Whether an event was handled before; asked for slow handlers only; null: they run
  /// in any case.
  std::function<bool(std::string_view handler, const std::string& identity)> done_before;
  /// The JSON of a value that is in another form; null: values are JSON.
  std::function<std::optional<std::string>(std::string_view value)> decode;
  std::shared_ptr<Breakers> breakers;  ///< null: none
  RetryPolicy retry;
};

/// Safe for several threads.
class EventRunner {
 public:
  EventRunner(const handlers::Registry& registry, const RunnerOptions& options, std::string cluster,
              Clock& clock);

  /// Runs the handler once. Fills in what the work says of itself; afterwards `outcome` is Done or Reject,
  /// or is empty with `due` set (to be tried again) or with `attempts` unchanged (stopped: never mind it; or
  /// its handler pauses until `due`).
  void run(Work& work, const std::stop_token& stop) const;

 private:
  static void follow(Work& work, const Event* event);
  static void give_up(const Work& work, const Reject& reject);
  [[nodiscard]] bool decode(Work& work) const;
  void recognise(Work& work, std::optional<Event>& event) const;
  /// Nothing when the handler pauses.
  [[nodiscard]] std::optional<Outcome> handle(Work& work, const std::optional<Event>& event,
                                              const std::stop_token& stop) const;
  [[nodiscard]] std::optional<Outcome> run_handler(handlers::Handler& handler, Work& work, const Event& event,
                                                   const std::stop_token& stop) const;
  [[nodiscard]] Outcome call(handlers::Handler& handler, const Work& work, const Event& event,
                             const std::stop_token& stop) const;
  [[nodiscard]] Outcome unhandled(Work& work, Unhandled what, std::string_view name) const;
  void add_what_travels(Work& work, const std::optional<Event>& event, Done& done) const;
  void settle(Work& work, Outcome outcome) const;

  const handlers::Registry& m_registry;
  RunnerOptions m_options;
  std::string m_cluster;
  Clock& m_clock;
};

}  // namespace kbeat::pipeline
