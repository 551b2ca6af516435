// The lock is one on the folder itself: editors replace files, and a lock on a file would go with it.
#include "kbeat/base/scratch_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

constexpr std::string_view k_prefix = "kbeat-scratch-";

Descriptor open_folder(const std::filesystem::path& folder) {
  return Descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

/// True when the name still stands for the folder that was opened.
bool is_still(const std::filesystem::path& folder, const Descriptor& opened) {
  struct stat named {};
  struct stat held {};
  return ::lstat(folder.c_str(), &named) == 0 && ::fstat(opened.number(), &held) == 0 &&
         named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

[[noreturn]] void fail(const std::filesystem::path& parent) {
  throw Error(ErrorCode::io, fmt::format("cannot make a folder in {}: {}", parent.string(),
                                         std::generic_category().message(errno)));
}

bool is_ours(const Descriptor& folder) {
  struct stat status {};
  return ::fstat(folder.number(), &status) == 0 && status.st_uid == ::geteuid();
}

}  // namespace

ScratchFolder::ScratchFolder(const std::filesystem::path& parent) {
  std::error_code failure;
  if (std::filesystem::create_directories(parent, failure))
    std::filesystem::permissions(parent, std::filesystem::perms::owner_all, failure);
  // Between its making and its lock it looks like an orphan, and may be swept.
  while (!take(parent)) {
  }
}

bool ScratchFolder::take(const std::filesystem::path& parent) {
  std::string name = (parent / k_prefix).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) fail(parent);
  m_path = name;
  m_lock = open_folder(m_path);
  if (m_lock.number() < 0 && errno != ENOENT) fail(parent);
  // Where folders cannot be locked, nobody sweeps either.
  ::flock(m_lock.number(), LOCK_EX);
  return is_still(m_path, m_lock);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

void remove_orphaned_scratch(const std::filesystem::path& parent) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(k_prefix)) continue;
    const Descriptor folder = open_folder(entry.path());
    if (folder.number() < 0 || !is_ours(folder) || ::flock(folder.number(), LOCK_EX | LOCK_NB) != 0) continue;
    if (is_still(entry.path(), folder)) std::filesystem::remove_all(entry.path(), ignored);
  }
}

}  // namespace kbeat
