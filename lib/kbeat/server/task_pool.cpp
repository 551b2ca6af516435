// Threads for requests that wait: for a broker, a disk, a password hash.
#include "kbeat/server/task_pool.hpp"

#include <utility>

namespace kbeat::server {

TaskPool::TaskPool(std::size_t threads, std::size_t longest_queue) : m_longest(longest_queue) {
  for (std::size_t i = 0; i < threads; ++i)
    m_threads.emplace_back([this](std::stop_token stop) { run(std::move(stop)); });
}

TaskPool::~TaskPool() {
  for (std::jthread& thread : m_threads) thread.request_stop();
  m_changed.notify_all();
  m_threads.clear();
}

bool TaskPool::try_run(std::function<void()> task) {
  {
    const std::lock_guard lock(m_mutex);
    if (m_tasks.size() >= m_longest) return false;
    m_tasks.push_back(std::move(task));
  }
  m_changed.notify_one();
  return true;
}

void TaskPool::run(std::stop_token stop) {
  while (true) {
    std::function<void()> task;
    {
      std::unique_lock lock(m_mutex);
      if (!m_changed.wait(lock, stop, [this] { return !m_tasks.empty(); })) return;
      if (stop.stop_requested()) return;
      task = std::move(m_tasks.front());
      m_tasks.pop_front();
    }
    task();
  }
}

}  // namespace kbeat::server
