// A copy of a database while it is in use.
#include "kbeat/sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/failure.hpp"
#include "kbeat/sqlite/file_checks.hpp"

namespace kbeat::sqlite {
namespace {

[[noreturn]] void fail(std::string_view what, const std::filesystem::path& path, int cause) {
  const bool full = cause == ENOSPC || cause == EDQUOT;
  throw Error(full ? ErrorCode::no_space : ErrorCode::io,
              fmt::format("cannot {} {}: {}", what, path.string(), std::system_category().message(cause)));
}

/// Removes the unfinished copy, unless it was renamed.
class PartFile {
 public:
  explicit PartFile(const std::filesystem::path& target) : m_path(target) {
    m_path += fmt::format(".part-{}", getpid());
    std::filesystem::remove(m_path);
    make_database_file(m_path);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;
  ~PartFile() {
    std::error_code gone_already;
    std::filesystem::remove(m_path, gone_already);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

 private:
  std::filesystem::path m_path;
};

void copy_pages(Database& database, const std::filesystem::path& to) {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(to.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, nullptr);
  const Handle<sqlite3, close_connection> copy(raw);
  const std::string doing = fmt::format("cannot write the backup {}", to.string());
  if (opened != SQLITE_OK) throw_failure(raw, opened, doing);
  sqlite3_backup* const backup = sqlite3_backup_init(raw, "main", database.handle(), "main");
  if (backup == nullptr) throw_failure(raw, sqlite3_extended_errcode(raw), doing);
  // All pages in one step: one state of the source, and in WAL mode no writer waits for it.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int result = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) throw_failure(raw, result != SQLITE_OK ? result : stepped, doing);
}

void sync(const std::filesystem::path& path, int flags) {
  const Descriptor file(open(path.c_str(), flags | O_CLOEXEC));
  if (file.number() < 0 || fsync(file.number()) != 0) fail("make durable", path, errno);
}

}  // namespace

std::uintmax_t back_up(Database& database, const std::filesystem::path& target, Existing existing) {
  if (existing == Existing::refuse && std::filesystem::exists(target)) {
    throw Error(ErrorCode::usage,
                fmt::format("{} exists: choose another name, or --force to replace it", target.string()));
  }
  const std::filesystem::path folder = std::filesystem::absolute(target).parent_path();
  const PartFile part(target);
  copy_pages(database, part.path());
  sync(part.path(), O_RDWR);
  const std::uintmax_t bytes = std::filesystem::file_size(part.path());
  if (rename(part.path().c_str(), target.c_str()) != 0) fail("write", target, errno);
  sync(folder, O_RDONLY | O_DIRECTORY);
  return bytes;
}

}  // namespace kbeat::sqlite
