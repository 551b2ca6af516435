// Running consumers as rows, for `health` in another process.
#pragma once

#include <string>
#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SqliteRuntime final : public RuntimeStore {
 public:
  explicit SqliteRuntime(sqlite::Database& database);

  void write(const RuntimeState& state) override;
  void remove(const std::string& process) override;
  [[nodiscard]] std::vector<RuntimeState> read() override;
  [[nodiscard]] bool is_on(const std::string& group) override;

 private:
  sqlite::Database& m_database;
  sqlite::Statement m_write;
  sqlite::Statement m_remove;
  sqlite::Statement m_read;
};

}  // namespace kbeat::store
