// What runs beside the server in its process: consumers, schedules, retries of dead letters.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "command.hpp"
#include "handler_kit.hpp"
#include "kbeat/dlq/auto_retry.hpp"
#include "kbeat/pipeline/consume_options.hpp"
#include "kbeat/pipeline/trial.hpp"
#include "kbeat/upkeep/messenger.hpp"
#include "kbeat/upkeep/supervised_part.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {

struct CrewFlags {
  std::vector<std::string> topics;  ///< to consume; none: no consumers
  std::uint64_t workers = 1;
  bool auto_retry = false;
  bool no_schedules = false;
  bool no_create = false;
};

void add_crew_flags(CommandLine& line, CLI::App& app, CrewFlags& flags);
/// Throws Error{usage} for flags that say nothing without --consume.
void check_crew_flags(const CrewFlags& flags);

/// The child's part of a trial (see trial_child.hpp).
[[nodiscard]] int run_crew_trial(const CrewFlags& flags, Context& context);

/// What the loop of `--consume` is told, as `kbeat consume TOPIC…` with the same settings would be.
[[nodiscard]] pipeline::ConsumeOptions crew_options(const CrewFlags& flags, const Context& context);

/// Each part has a thread of its own, fails alone and is started again. What it is given outlives it.
class ServeCrew {
 public:
  ServeCrew(const CrewFlags& flags, Context& context, WatchKit& watchers);
  ~ServeCrew();

  /// `nudge_relay` says that the store's outbox has new rows.
  void start(std::function<void()> nudge_relay);
  /// Any thread.
  [[nodiscard]] std::vector<upkeep::PartState> states() const;
  void request_stop();
  /// Finishes what is in hand.
  void stop();

 private:
  void consume(std::stop_token stop);
  void run_schedules(std::stop_token stop);

  CrewFlags m_flags;
  Context& m_context;
  WatchKit& m_watchers;
  std::function<void()> m_nudge_relay;
  std::unique_ptr<HandlerKit> m_handlers;
  pipeline::ConsumeOptions m_options;
  std::unique_ptr<pipeline::Trial> m_trial;
  std::unique_ptr<upkeep::Messenger> m_messenger;
  std::vector<std::unique_ptr<dlq::AutoRetry>> m_retries;
  mutable std::mutex m_mutex;                                    ///< of the parts
  std::vector<std::unique_ptr<upkeep::SupervisedPart>> m_parts;  ///< last: their threads use all of the above
};

}  // namespace kbeat::app
