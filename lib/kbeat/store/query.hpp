// One read-only SQL statement on the store, row by row.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"
#include "kbeat/sqlite/statement.hpp"

namespace kbeat::store {

/// Text and blobs are valid during the call that hands them out.
using QueryValue = std::variant<std::nullptr_t, std::int64_t, double, std::string_view, sqlite::Blob>;

struct QueryLimits {
  std::optional<Milliseconds> time;
  std::stop_token stop;
};

/// Called once with the columns' names, then for each row with its values.
struct QuerySink {
  std::function<void(std::span<const std::string>)> columns;
  std::function<void(std::span<const QueryValue>)> row;
};

/// Runs `sql`, which may read and nothing else: no ATTACH, no transactions, only the PRAGMAs that describe
/// the schema. Throws Error{usage} for SQL that is wrong, more than one statement or not a read,
/// Error{timed_out} and Error{interrupted}. While it runs the -wal cannot shrink.
void run_query(sqlite::Database& database, std::string_view sql, const QueryLimits& limits,
               const QuerySink& sink);

/// The store's tables by name.
[[nodiscard]] std::vector<std::string> table_names(sqlite::Database& database);

}  // namespace kbeat::store
