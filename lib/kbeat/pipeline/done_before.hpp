// Whether an event was handled before, asked ahead of a handler that takes its time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "kbeat/store/store.hpp"

namespace kbeat::pipeline {

/// Reads dedupe marks, each thread over a connection of its own. The commit looks again and decides: this
/// only saves work, after a position was reset above all. Safe to call from any thread.
class DoneBefore {
 public:
  DoneBefore(std::function<std::unique_ptr<store::Store>()> open_store, GroupId group);

  [[nodiscard]] bool operator()(std::string_view handler, const std::string& identity);

 private:
  std::function<std::unique_ptr<store::Store>()> m_open_store;
  GroupId m_group;
  std::mutex m_mutex;  ///< guards m_stores
  std::map<std::thread::id, std::unique_ptr<store::Store>> m_stores;
};

}  // namespace kbeat::pipeline
