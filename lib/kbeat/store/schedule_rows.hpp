// What became of scheduled tasks, shared by all who run them: one run for each due moment.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

struct ScheduleState {
  std::string name;
  std::optional<WallTime> last_due;
  std::optional<WallTime> last_ended;
  std::string last_outcome;  ///< done, failed; empty before the first end
  std::string last_error;
  std::int64_t runs = 0;
  std::int64_t failures = 0;
  std::int64_t skipped = 0;               ///< due moments that passed while the former run went on
  std::optional<WallTime> running_until;  ///< the running process's lease
};

enum class Began { yes, taken, running };

/// One connection, for one thread.
class ScheduleRows {
 public:
  explicit ScheduleRows(const std::filesystem::path& data_dir);

  [[nodiscard]] std::vector<ScheduleState> read();
  [[nodiscard]] ScheduleState read(const std::string& name);
  /// Remembers where due moments are counted from, unless something is remembered already.
  void set_start(const std::string& name, WallTime due);

  struct Run {
    std::string name;
    std::string owner;
    WallTime due;
    Milliseconds lease{15'000};
  };
  /// `taken` when that moment or a later one was begun by anyone; `running` when a former run goes on.
  [[nodiscard]] Began begin(const Run& run, WallTime now);
  /// False when the run is another's by now.
  bool renew(const Run& run, WallTime now);
  void end(const Run& run, WallTime now, const std::string& error);
  /// The moment passes without a run. False when it, or a later one, was dealt with already.
  bool skip(const Run& run);

 private:
  std::unique_ptr<sqlite::Database> m_database;
};

}  // namespace kbeat::store
