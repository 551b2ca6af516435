// Versions of a schema: brings a file from any earlier one to the present one.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kbeat/sqlite/database.hpp"

namespace kbeat::sqlite {

/// SQL that leads from one version to the next. Once released it is never changed.
struct Migration {
  std::string_view sql;
};

struct Schema {
  std::int32_t application_id = 0;
  std::string_view purpose;  ///< "store", "log": for messages
  std::span<const Migration> migrations;
};

/// The number of migrations that made this file (PRAGMA user_version); 0 for an empty one.
[[nodiscard]] int schema_version(Database& database);

/// Runs what is missing, each migration in a transaction of its own; another process may do the same at
/// the same time. Throws Error{database} for a file of a newer version, which stays untouched. A file
/// opened for reading must be of this version exactly.
void migrate(Database& database, const Schema& schema);

}  // namespace kbeat::sqlite
