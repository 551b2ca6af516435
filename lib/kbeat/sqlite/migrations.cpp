// Versions of a schema: brings a file from any earlier one to the present one.
#include "kbeat/sqlite/migrations.hpp"

#include <fmt/format.h>

#include <string>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/transaction.hpp"

namespace kbeat::sqlite {
namespace {

void refuse_newer(Database& database, const Schema& schema, int version) {
  if (version <= static_cast<int>(schema.migrations.size())) return;
  throw Error(ErrorCode::database,
              fmt::format("the {} {} has version {}, this kbeat knows versions up to {}: upgrade kbeat",
                          schema.purpose, database.path().string(), version, schema.migrations.size()));
}

/// Ours have none, and one that somebody put there would run with the next write.
void refuse_foreign_objects(Database& database, const Schema& schema) {
  if (database.integer("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')") == 0) return;
  throw Error(
      ErrorCode::database,
      fmt::format("the {} {} has triggers or views, which kbeat never makes: drop them or restore a backup",
                  schema.purpose, database.path().string()));
}

}  // namespace

int schema_version(Database& database) {
  return static_cast<int>(database.integer("PRAGMA user_version"));
}

void migrate(Database& database, const Schema& schema) {
  const int target = static_cast<int>(schema.migrations.size());
  int version = schema_version(database);
  refuse_newer(database, schema, version);
  refuse_foreign_objects(database, schema);
  if (version < target && database.access() == Access::read_only) {
    throw Error(
        ErrorCode::database,
        fmt::format("the {} {} has the older version {}: run a command that writes to it (consume) once",
                    schema.purpose, database.path().string(), version));
  }
  if (version == target) return;
  // One transaction: a reader that comes meanwhile finds the file as it was, or whole.
  Transaction transaction(database);
  version = schema_version(database);  // of another process that was faster
  refuse_newer(database, schema, version);
  while (version < target) {
    const std::string sql(schema.migrations[static_cast<std::size_t>(version)].sql);
    database.execute(sql.c_str());
    database.execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", schema.application_id, ++version)
            .c_str());
  }
  transaction.commit();
}

}  // namespace kbeat::sqlite
