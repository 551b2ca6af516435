// Threads for requests that wait: for a broker, a disk, a password hash.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace kbeat::server {

/// Owns its threads; any thread may call `try_run`. Tasks that have not begun when it is destroyed are
/// dropped.
class TaskPool {
 public:
  TaskPool(std::size_t threads, std::size_t longest_queue);
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;
  ~TaskPool();

  /// False when so much waits already that the caller should come again later.
  [[nodiscard]] bool try_run(std::function<void()> task);

 private:
  void run(std::stop_token stop);

  std::size_t m_longest;
  std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::deque<std::function<void()>> m_tasks;
  std::vector<std::jthread> m_threads;  ///< last: they use all of the above
};

}  // namespace kbeat::server
