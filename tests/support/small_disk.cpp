// A file system of a few kilobytes, to be filled up.
#include "support/small_disk.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <system_error>

namespace kbeat::test {
namespace {

void mount_tmpfs(const std::filesystem::path& where, unsigned long flags, const std::string& options) {
  if (mount("none", where.c_str(), "tmpfs", flags, options.c_str()) == 0) return;
  throw std::system_error(errno, std::system_category(),
                          "this test needs to mount a small disk (run as root)");
}

}  // namespace

SmallDisk::SmallDisk(const std::string& size) {
  mount_tmpfs(m_dir.path(), 0, "size=" + size);
}

SmallDisk::~SmallDisk() {
  umount2(m_dir.path().c_str(), MNT_DETACH);
}

void SmallDisk::resize(const std::string& size) {
  mount_tmpfs(m_dir.path(), MS_REMOUNT, "size=" + size);
}

void SmallDisk::make_read_only() {
  mount_tmpfs(m_dir.path(), MS_REMOUNT | MS_RDONLY, "");
}

}  // namespace kbeat::test
