// The worker threads: runs of records in, the same runs with outcomes out.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "kbeat/pipeline/lanes.hpp"

namespace kbeat::pipeline {

/// Owns `workers` threads, which share one queue under one lock. `work` is called by them with the
/// worker's number and must not throw. Destruction asks running work to stop, waits for it and drops
/// what has not begun.
class Executor {
 public:
  using Worker = std::function<void(std::size_t worker, LaneRun& run, const std::stop_token& stop)>;

  Executor(std::size_t workers, Worker work);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void submit(std::vector<LaneRun> runs);
  /// Runs that are back, without waiting.
  [[nodiscard]] std::vector<LaneRun> collect();
  /// Takes back what no worker has begun.
  [[nodiscard]] std::vector<LaneRun> recall();
  /// Waits until a run is back, at most `timeout`.
  void wait(Milliseconds timeout);

 private:
  void run(std::size_t worker, std::stop_token stop);

  Worker m_work;
  std::mutex m_mutex;
  std::condition_variable_any m_arrived;
  std::condition_variable m_finished;
  std::deque<LaneRun> m_queue;
  std::vector<LaneRun> m_done;
  std::vector<std::jthread> m_threads;
};

}  // namespace kbeat::pipeline
