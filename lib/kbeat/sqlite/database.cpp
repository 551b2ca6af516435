// One connection to an SQLite file under the rules of the house: durable, defensive, one writer at a time.
#include "kbeat/sqlite/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <string>
#include <thread>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/sqlite/failure.hpp"
#include "kbeat/sqlite/stop_guard.hpp"
#include "kbeat/sqlite/wal_readers.hpp"

namespace kbeat::sqlite {
namespace {

constexpr std::int64_t k_checkpoint_bytes = 16 << 20;  ///< copied back without waiting for anyone
constexpr std::int64_t k_restart_bytes = 32 << 20;     ///< waits a little for readers, then names them
constexpr int k_restart_patience_ms = 100;
constexpr Milliseconds k_close_patience{1000};
constexpr Milliseconds k_birth_patience{1000};
constexpr Milliseconds k_birth_look{10};

int note_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

/// SQLite counts its memory for whoever asks, under a lock that each of its allocations takes. Nobody asks.
/// It refuses once it is in use, and counts on.
void count_no_memory() {
  static const int refused = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(refused);
}

/// A path as a URI whose file cannot change (immutable), for media that may not be written at all.
std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = "file:";
  for (const char c : path.string()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '_' || c == '-';
    uri += plain ? std::string(1, c)
                 : fmt::format("%{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return uri + "?immutable=1";
}

bool has_wal(std::filesystem::path path) {
  path += "-wal";
  std::error_code failure;
  return std::filesystem::file_size(path, failure) > 0 && !failure;
}

}  // namespace

void close_connection(sqlite3* connection) {
  sqlite3_close(connection);
}

Database::Database(const std::filesystem::path& path, const OpenOptions& options)
    : m_path(std::filesystem::absolute(path)), m_options(options) {
  count_no_memory();
  const bool writes = options.access == Access::read_write;
  // The first connection may recover the WAL, under locks that every other process waits for.
  const StopGuard opening;
  if (options.network_disks == NetworkDisks::refused) check_local_disk(m_path.parent_path());
  if (writes) make_database_file(m_path);
  m_file = std::make_unique<CheckedFile>(m_path);
  open_connection();
  harden();
  if (writes) {
    m_lock = std::make_unique<WriteLock>(m_path);
    prepare_file();
    m_page_size = static_cast<int>(integer("PRAGMA page_size"));
  } else {
    check_owner();
  }
}

Database::~Database() {
  // Closing runs a checkpoint when no other connection is left, and that needs the lock as any other.
  const bool locked = m_lock && [this] {
    try {
      m_lock->acquire(k_close_patience);
      return true;
    } catch (const Error& error) {
      log_debug("{} is closed without a checkpoint: {}", m_path.string(), error.what());
      return false;
    }
  }();
  if (!locked) sqlite3_db_config(handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  m_connection.reset();
  if (locked) m_lock->release();
}

void Database::open_connection() {
  const auto open = [this](const std::string& name, int flags) {
    sqlite3* raw = nullptr;
    const int result =
        sqlite3_open_v2(name.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    m_connection.reset(raw);
    if (result != SQLITE_OK) fail(result, "cannot open");
  };
  if (m_options.access == Access::read_write) return open(m_path.string(), SQLITE_OPEN_READWRITE);
  open(m_path.string(), SQLITE_OPEN_READONLY);
  // A WAL file needs its -shm even for reading; where that cannot be made and nothing lies in a -wal,
  // nobody is writing and the file may be read as it is.
  const int result = sqlite3_exec(handle(), "PRAGMA schema_version", nullptr, nullptr, nullptr);
  const bool no_shm = (result & 0xff) == SQLITE_CANTOPEN || result == SQLITE_READONLY_DIRECTORY;
  if (no_shm && !has_wal(m_path)) open(immutable_uri(m_path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void Database::harden() {
  sqlite3* const connection = handle();
  sqlite3_busy_timeout(connection, static_cast<int>(m_options.patience.count()));
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  execute(
      "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384; PRAGMA wal_autocheckpoint=0;"
      "PRAGMA secure_delete=FAST");
  sqlite3_wal_hook(connection, note_wal_pages, &m_wal_pages);
}

bool Database::is_prepared() {
  bool in_wal_mode = false;
  const auto take = [](void* target, int, char** columns, char**) {
    *static_cast<bool*>(target) = std::string_view(columns[0]) == "wal";
    return 0;
  };
  const int result = sqlite3_exec(handle(), "PRAGMA journal_mode", take, &in_wal_mode, nullptr);
  if (result != SQLITE_OK) fail(result, "cannot read");
  return in_wal_mode && integer("PRAGMA application_id") == m_options.application_id;
}

/// To a reader a file without anything in it may be one that another process is just making: it waits a
/// moment.
void Database::check_owner() {
  const auto deadline = std::chrono::steady_clock::now() + k_birth_patience;
  bool empty = false;
  do {
    if (empty) std::this_thread::sleep_for(k_birth_look);
    const std::int64_t owner = integer("PRAGMA application_id");
    empty = owner == 0 && integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (owner == m_options.application_id) return;
    if (empty && m_options.access == Access::read_write) return;
  } while (empty && std::chrono::steady_clock::now() < deadline);
  const std::string_view what = empty ? "is empty" : "belongs to another program";
  throw Error(ErrorCode::database, fmt::format("{} is no {} of kbeat, it {}: choose another --data-dir",
                                               m_path.string(), m_options.purpose, what));
}

void Database::prepare_file() {
  if (is_prepared()) return;
  m_lock->acquire(m_options.patience);
  struct Release {
    WriteLock& lock;
    ~Release() { lock.release(); }
  } const release{*m_lock};
  check_owner();
  execute(fmt::format("PRAGMA page_size={}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL",
                      m_options.page_size)
              .c_str());
}

void Database::execute(const char* sql) {
  const int result = sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) fail(result, "cannot work on");
}

std::int64_t Database::integer(const char* sql) {
  std::int64_t value = 0;
  const auto take = [](void* target, int, char** columns, char**) {
    *static_cast<std::int64_t*>(target) = columns[0] == nullptr ? 0 : std::stoll(columns[0]);
    return 0;
  };
  const int result = sqlite3_exec(handle(), sql, take, &value, nullptr);
  if (result != SQLITE_OK) fail(result, "cannot read");
  return value;
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(handle());
}

std::int64_t Database::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle());
}

void Database::fail(int result, std::string_view doing) {
  throw_failure(handle(), result, fmt::format("{} {}", doing, m_path.string()));
}

void Database::checkpoint() {
  m_lock->acquire(m_options.patience);
  const int result =
      sqlite3_wal_checkpoint_v2(handle(), "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  m_lock->release();
  if (result != SQLITE_OK) fail(result, "cannot bring the -wal into");
}

void Database::checkpoint_if_large() {
  const bool started_anew = wal_bytes() < m_checkpoint_at - k_checkpoint_bytes;
  if (started_anew) m_checkpoint_at = k_checkpoint_bytes;
  if (wal_bytes() < m_checkpoint_at) return;
  m_checkpoint_at = wal_bytes() + k_checkpoint_bytes;
  const bool restart = wal_bytes() >= k_restart_bytes;
  if (restart) sqlite3_busy_timeout(handle(), k_restart_patience_ms);
  const int mode = restart ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE;
  const int result = sqlite3_wal_checkpoint_v2(handle(), "main", mode, nullptr, nullptr);
  if (restart) sqlite3_busy_timeout(handle(), static_cast<int>(m_options.patience.count()));
  if (result == SQLITE_OK) return;
  // The commit before it stands: a checkpoint that fails only leaves the -wal longer.
  log_warning("the -wal of {} has {} MiB and cannot be brought into it ({}){}", m_path.string(),
              wal_bytes() >> 20, sqlite3_errstr(result), describe_wal_readers(m_path));
}

}  // namespace kbeat::sqlite
