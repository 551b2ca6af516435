// The store on SQLite: one connection with all its seams.
#include "kbeat/store/sqlite_store.hpp"

#include <utility>

#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {

SqliteStore::SqliteStore(std::unique_ptr<sqlite::Database> database)
    : m_database(std::move(database)),
      m_positions(*m_database),
      m_outcomes(*m_database),
      m_outbox(*m_database),
      m_letters(*m_database),
      m_beats(*m_database),
      m_runtime(*m_database) {}

std::unique_ptr<Store> open_store(const std::filesystem::path& data_dir, OpenMode mode) {
  return std::make_unique<SqliteStore>(open_store_file(data_dir, mode));
}

}  // namespace kbeat::store
