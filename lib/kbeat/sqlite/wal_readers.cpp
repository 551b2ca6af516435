// Which processes read a database in a way that keeps its -wal from shrinking.
#include "kbeat/sqlite/wal_readers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>

namespace kbeat::sqlite {
namespace {

// Bytes of the -shm file that readers lock (SQLite's WAL-index format: WAL_READ_LOCK(0) to (4)).
constexpr int k_first_reader = 123;
constexpr int k_last_reader = 127;

/// The process of one line of /proc/locks when it is a reader's lock on `file`, else 0.
/// `1: POSIX  ADVISORY  READ 1234 08:01:5678 123 123`
int reader_in(const std::string& line, const std::string& file) {
  std::istringstream words(line);
  std::string number, family, kind, mode, place, last;
  int pid = 0;
  int first = -1;
  words >> number >> family >> kind >> mode >> pid >> place >> first >> last;
  const bool reads = mode == "READ" && first >= k_first_reader && first <= k_last_reader;
  return reads && place == file ? pid : 0;
}

}  // namespace

std::string describe_wal_readers(std::filesystem::path database) {
  database += "-shm";
  struct stat status {};
  if (stat(database.c_str(), &status) != 0) return "";
  const std::string file =
      fmt::format("{:02x}:{:02x}:{}", major(status.st_dev), minor(status.st_dev), status.st_ino);
  std::set<int> readers;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const int pid = reader_in(line, file);
    if (pid > 0) readers.insert(pid);
  }
  if (readers.empty()) return "";
  return fmt::format(": process {} {} reading it", fmt::join(readers, ", "),
                     readers.size() == 1 ? "is" : "are");
}

}  // namespace kbeat::sqlite
