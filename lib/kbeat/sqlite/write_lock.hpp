// The lock file beside a database: one writer or checkpoint at a time, over threads and processes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/descriptor.hpp"
#include "kbeat/sqlite/stop_guard.hpp"

namespace kbeat::sqlite {

/// `<database>.lock`, opened for one connection. An flock on an open file of its own excludes other
/// threads as well as other processes, and the kernel frees it when its holder dies. Why it is there at
/// all: SQLite before 3.51.3 can lose a commit that falls into a running checkpoint.
class WriteLock {
 public:
  /// Opens or makes the lock file. Throws Error{database}.
  explicit WriteLock(const std::filesystem::path& database);

  /// Waits up to `patience`. Throws Error{busy}, retryable, that names the process which holds it.
  void acquire(Milliseconds patience);
  /// False when others hold it.
  [[nodiscard]] bool try_acquire();
  void release();
  [[nodiscard]] bool held() const { return m_held.has_value(); }

 private:
  [[nodiscard]] std::string describe_holder() const;
  void note_holder();

  std::filesystem::path m_path;
  Descriptor m_file;
  std::optional<StopGuard> m_held;
};

}  // namespace kbeat::sqlite
