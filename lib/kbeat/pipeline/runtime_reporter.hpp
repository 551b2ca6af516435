// Keeps a row in the store that says how this process is, for `health` in another one.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "kbeat/base/service_notifier.hpp"
#include "kbeat/pipeline/consume_view.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::pipeline {

struct ReporterOptions {
  std::string process;  ///< unique name, as the owner of positions
  std::string command;
  std::string group;
  bool heeds_switch = true;             ///< false: it goes on while its group is switched off
  const ConsumeWatch* watch = nullptr;  ///< whose alerts the row tells of
  bool tells_manager = true;            ///< false: it is a part of a process that does so itself
  Milliseconds period{2000};
};

/// A row that was not written for so long belongs to a process that died or hangs.
inline constexpr Milliseconds k_gone_after{8000};

[[nodiscard]] bool is_gone(const store::RuntimeState& state, WallTime now);

/// Owns one thread with a store connection of its own, so that a loop which waits for a broker is not taken
/// for dead. Rows of processes of the same command and group that are gone are removed at the start: this one
/// takes their place. Its own goes with it. Tells the service manager that it is ready, and that it
/// lives as long as the loop turns.
class RuntimeReporter final : public ConsumeWatch {
 public:
  RuntimeReporter(std::function<std::unique_ptr<store::Store>()> open_store, ReporterOptions options,
                  Clock& clock);
  ~RuntimeReporter() override;

  void shown(const ConsumeView& view) override;
  /// False while somebody switched the group off. Any thread.
  [[nodiscard]] bool is_on() const { return m_is_on; }

 private:
  void run(std::stop_token stop);
  void take_places(store::Store& store);
  void write(store::Store& store);
  void tell_manager();

  std::function<std::unique_ptr<store::Store>()> m_open_store;
  ReporterOptions m_options;
  Clock& m_clock;
  ServiceNotifier m_service;
  std::string m_said;  ///< to the service manager
  std::atomic<bool> m_is_on{true};

  std::mutex m_mutex;
  std::condition_variable_any m_changed;
  ConsumeView m_view;
  const WallTime m_begun;
  SteadyTime m_seen;
  bool m_news = true;
  std::jthread m_thread;  ///< last: it uses all of the above
};

}  // namespace kbeat::pipeline
