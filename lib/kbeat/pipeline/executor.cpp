// A pool of threads over one queue of runs.
#include "kbeat/pipeline/executor.hpp"

#include <utility>

namespace kbeat::pipeline {

Executor::Executor(std::size_t workers, Worker work) : m_work(std::move(work)) {
  m_threads.reserve(workers);
  for (std::size_t i = 0; i < workers; ++i) {
    m_threads.emplace_back([this, i](std::stop_token stop) { run(i, stop); });
  }
}

Executor::~Executor() {
  for (std::jthread& thread : m_threads) thread.request_stop();
  m_threads.clear();
}

void Executor::submit(std::vector<LaneRun> runs) {
  if (runs.empty()) return;
  const std::lock_guard lock(m_mutex);
  const std::size_t added = runs.size();
  for (LaneRun& run : runs) m_queue.push_back(std::move(run));
  if (added == 1) {
    m_arrived.notify_one();
  } else {
    m_arrived.notify_all();
  }
}

std::vector<LaneRun> Executor::collect() {
  const std::lock_guard lock(m_mutex);
  return std::exchange(m_done, {});
}

std::vector<LaneRun> Executor::recall() {
  const std::lock_guard lock(m_mutex);
  std::vector<LaneRun> runs;
  for (LaneRun& run : m_queue) runs.push_back(std::move(run));
  m_queue.clear();
  return runs;
}

void Executor::wait(Milliseconds timeout) {
  std::unique_lock lock(m_mutex);
  m_finished.wait_for(lock, timeout, [this] { return !m_done.empty(); });
}

void Executor::run(std::size_t worker, std::stop_token stop) {
  std::unique_lock lock(m_mutex);
  while (m_arrived.wait(lock, stop, [this] { return !m_queue.empty(); })) {
    if (stop.stop_requested()) return;
    LaneRun taken = std::move(m_queue.front());
    m_queue.pop_front();
    lock.unlock();
    m_work(worker, taken, stop);
    lock.lock();
    m_done.push_back(std::move(taken));
    m_finished.notify_one();
  }
}

}  // namespace kbeat::pipeline
