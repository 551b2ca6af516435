// One connection to an SQLite file under the rules of the house: durable, defensive, one writer at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/handle.hpp"
#include "kbeat/sqlite/file_checks.hpp"
#include "kbeat/sqlite/write_lock.hpp"

struct sqlite3;

namespace kbeat::sqlite {

/// sqlite3_close, for Handle.
void close_connection(sqlite3* connection);

enum class Access { read_write, read_only };

struct OpenOptions {
  Access access = Access::read_write;
  /// Marks a file as ours (PRAGMA application_id). A file with another one is refused.
  std::int32_t application_id = 0;
  /// What the file is, for messages: "store", "log".
  std::string_view purpose = "database";
  /// Bytes, of a file that is made; one that is there keeps its own.
  int page_size = 4096;
  NetworkDisks network_disks = NetworkDisks::refused;
  /// How long a write waits for another process's.
  Milliseconds patience{5000};
};

/// For one thread. WAL, synchronous=FULL, foreign keys, no mmap, no extensions, no triggers, no views; a
/// schema in the file is not trusted. Checkpoints only under the write lock, so SQLite's own are off.
class Database {
 public:
  /// Opens the file, making an empty one when it is missing (read_write). Throws Error: not_found,
  /// configuration (a network disk), busy, database (no SQLite file, a directory, of another program, no
  /// rights); what is refused stays untouched.
  Database(const std::filesystem::path& path, const OpenOptions& options);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  /// The last connection to leave brings the -wal into the file and removes it, under the write lock.
  ~Database();

  /// Runs statements that return nothing, separated by semicolons. Throws Error.
  void execute(const char* sql);

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
  [[nodiscard]] Access access() const { return m_options.access; }
  [[nodiscard]] sqlite3* handle() const { return m_connection.get(); }
  /// The integer that a PRAGMA or another one-value query yields.
  [[nodiscard]] std::int64_t integer(const char* sql);
  /// Rows that the last statement inserted, changed or removed.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_insert_rowid() const;

  /// Copies everything written so far from the -wal into the file. Needs the write lock: call it outside
  /// a transaction. Throws Error.
  void checkpoint();

 private:
  friend class Transaction;

  void open_connection();
  void harden();
  void prepare_file();
  [[nodiscard]] bool is_prepared();
  void check_owner();
  void checkpoint_if_large();
  [[nodiscard]] std::int64_t wal_bytes() const { return std::int64_t{m_wal_pages} * m_page_size; }
  [[noreturn]] void fail(int result, std::string_view doing);

  std::filesystem::path m_path;
  OpenOptions m_options;
  std::unique_ptr<CheckedFile> m_file;  ///< outlives the connection
  std::unique_ptr<WriteLock> m_lock;
  /// Set by SQLite at each commit: pages in the -wal.
  int m_wal_pages = 0;
  int m_page_size = 0;  ///< bytes, of a file that is written
  /// Bytes in the -wal at which the next checkpoint is tried.
  std::int64_t m_checkpoint_at = 0;
  Handle<sqlite3, close_connection> m_connection;
};

}  // namespace kbeat::sqlite
