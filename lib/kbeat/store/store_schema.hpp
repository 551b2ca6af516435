// The store's tables, version by version, and how its file is opened.
#pragma once

#include <filesystem>
#include <memory>

#include "kbeat/sqlite/database.hpp"
#include "kbeat/sqlite/migrations.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::store {

/// All versions that were ever released; docs/formats/store.md describes the newest.
[[nodiscard]] sqlite::Schema store_schema();

/// `store.db` in the data directory.
[[nodiscard]] std::filesystem::path store_file(const std::filesystem::path& data_dir);

/// The store's file with its tables; read_write makes folder (0700) and file when they are missing and
/// migrates. Throws Error as Database and migrate do.
[[nodiscard]] std::unique_ptr<sqlite::Database> open_store_file(const std::filesystem::path& data_dir,
                                                                OpenMode mode);

}  // namespace kbeat::store
