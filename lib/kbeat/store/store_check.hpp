// Whether a store's file is sound: SQLite's own checks, and what must hold between its rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

/// One thing that was looked at. `problems` of it were found, `sample` names the first.
struct CheckResult {
  std::string name;
  std::int64_t problems = 0;
  std::string sample;
};

/// Reads the whole file. Throws Error only when it cannot be read at all.
[[nodiscard]] std::vector<CheckResult> check_store(sqlite::Database& database);

}  // namespace kbeat::store
