// O_TMPFILE where the file system has it, a name that lives for a moment elsewhere.
#include "kbeat/net/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat::net {
namespace {

constexpr std::string_view k_prefix = "kbeat-fetch-";

Error cannot_make(const std::filesystem::path& folder) {
  return {ErrorCode::io,
          fmt::format("cannot make a temporary file in {}: {}. Set TMPDIR to a folder with room",
                      folder.string(), std::generic_category().message(errno))};
}

bool is_orphan(const std::filesystem::path& file, WallTime now) {
  constexpr std::chrono::seconds k_grace{60};
  struct stat status {};
  if (!file.filename().string().starts_with(k_prefix) || lstat(file.c_str(), &status) != 0) return false;
  const WallTime changed{std::chrono::seconds(status.st_mtim.tv_sec)};
  return S_ISREG(status.st_mode) && status.st_uid == geteuid() && changed + k_grace < now;
}

}  // namespace

FetchedFile make_temporary_file(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor >= 0) return FetchedFile(descriptor);
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT) throw cannot_make(folder);
  return make_unlinked_file(folder);
}

FetchedFile make_unlinked_file(const std::filesystem::path& folder) {
  std::string name = (folder / k_prefix).string() + "XXXXXX";
  const int descriptor = mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) throw cannot_make(folder);
  FetchedFile file(descriptor);
  if (unlink(name.c_str()) != 0) throw cannot_make(folder);
  return file;
}

void remove_orphans(const std::filesystem::path& folder, WallTime now) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (is_orphan(entry.path(), now)) unlink(entry.path().c_str());
  }
}

}  // namespace kbeat::net
