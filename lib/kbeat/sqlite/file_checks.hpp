// What is looked at before SQLite may touch a file, so that a wrong one stays as it was.
#pragma once

#include <cstdint>
#include <filesystem>
#include <utility>

namespace kbeat::sqlite {

enum class NetworkDisks { refused, allowed };

/// Device and inode.
using FileId = std::pair<std::uint64_t, std::uint64_t>;

/// A file that was looked at before a connection is made to it, and lives as long as that connection.
/// Closing any descriptor of a file drops all POSIX locks that the process has on it, SQLite's among them:
/// other processes then take the file for unused and remove a -wal that is in use. So while the process has
/// a connection to a file, the file is not opened here again.
class CheckedFile {
 public:
  /// Throws Error{database} when `path` is no regular file, cannot be read, or does not begin as an SQLite
  /// database does (an empty file does). Throws Error{not_found} when there is none.
  explicit CheckedFile(const std::filesystem::path& path);
  CheckedFile(const CheckedFile&) = delete;
  CheckedFile& operator=(const CheckedFile&) = delete;
  ~CheckedFile();

 private:
  FileId m_id;
};

/// Throws Error{configuration} when `folder` lies on NFS, CIFS or FUSE: their locks do not keep SQLite safe.
void check_local_disk(const std::filesystem::path& folder);

/// Makes an empty file for its owner alone (0600) unless there is one. Throws Error.
void make_database_file(const std::filesystem::path& path);

}  // namespace kbeat::sqlite
