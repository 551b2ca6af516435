// What is looked at before SQLite may touch a file, so that a wrong one stays as it was.
#include "kbeat/sqlite/file_checks.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::sqlite {
namespace {

/// f_type of statfs(2).
constexpr std::array<std::pair<unsigned, std::string_view>, 5> k_network_disks{
    {{0x6969u, "NFS"}, {0xFF534D42u, "CIFS"}, {0xFE534D42u, "SMB"}, {0x517Bu, "SMB"}, {0x65735546u, "FUSE"}}};

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view what, int cause) {
  const std::string text = std::system_category().message(cause);
  const ErrorCode code = cause == ENOENT                      ? ErrorCode::not_found
                         : cause == ENOSPC || cause == EDQUOT ? ErrorCode::no_space
                                                              : ErrorCode::database;
  const Retryable retryable = code == ErrorCode::no_space ? Retryable::yes : Retryable::no;
  throw Error(code, fmt::format("cannot {} the database {}: {}", what, path.string(), text), retryable);
}

/// The files that this process has connections to.
struct OpenFiles {
  std::mutex mutex;
  std::map<FileId, int> connections;
};

OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

/// A journal that its transaction left behind, from which SQLite puts the file right when it opens it: the
/// power may have failed while the file got its first page.
bool has_journal(std::filesystem::path path) {
  path += "-journal";
  std::error_code failure;
  return std::filesystem::file_size(path, failure) > 0 && !failure;
}

void check_head(const std::filesystem::path& path) {
  constexpr std::string_view k_magic("SQLite format 3\0", 16);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) fail(path, "open", errno);
  std::array<char, k_magic.size()> head{};
  const ssize_t length = pread(file.number(), head.data(), head.size(), 0);
  if (length < 0) fail(path, "read", errno);
  if (length == 0 || std::string_view(head.data(), static_cast<std::size_t>(length)) == k_magic) return;
  if (has_journal(path)) return;
  throw Error(
      ErrorCode::database,
      fmt::format("{} is not an SQLite database: move it away, or choose another --data-dir", path.string()));
}

}  // namespace

CheckedFile::CheckedFile(const std::filesystem::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    const int cause = errno;
    if (std::filesystem::is_symlink(path)) {
      throw Error(
          ErrorCode::database,
          fmt::format("{} is a link to a file that is not there ({}): remove the link, or make its target",
                      path.string(), std::filesystem::read_symlink(path).string()));
    }
    fail(path, "look at", cause);
  }
  if (!S_ISREG(status.st_mode)) {
    const std::string_view kind = S_ISDIR(status.st_mode) ? "a directory" : "no regular file";
    throw Error(ErrorCode::database,
                fmt::format("{} is {}: a database file is needed there", path.string(), kind));
  }
  m_id = {status.st_dev, status.st_ino};
  OpenFiles& files = open_files();
  const std::scoped_lock lock(files.mutex);
  const auto known = files.connections.find(m_id);
  if (known == files.connections.end()) check_head(path);
  ++files.connections[m_id];
}

CheckedFile::~CheckedFile() {
  OpenFiles& files = open_files();
  const std::scoped_lock lock(files.mutex);
  if (--files.connections[m_id] == 0) files.connections.erase(m_id);
}

void check_local_disk(const std::filesystem::path& folder) {
  struct statfs status {};
  if (statfs(folder.c_str(), &status) != 0) fail(folder, "look at the disk of", errno);
  for (const auto& [type, name] : k_network_disks) {
    if (static_cast<unsigned>(status.f_type) != type) continue;
    throw Error(
        ErrorCode::configuration,
        fmt::format("{} lies on {}, whose locks do not keep a database safe: choose a local --data-dir",
                    folder.string(), name));
  }
}

void make_database_file(const std::filesystem::path& path) {
  // Not by open(): see CheckedFile.
  if (mknod(path.c_str(), S_IFREG | 0600, 0) != 0 && errno != EEXIST) fail(path, "make", errno);
  if (access(path.c_str(), R_OK | W_OK) != 0 && errno != ENOENT) fail(path, "write to", errno);
}

}  // namespace kbeat::sqlite
