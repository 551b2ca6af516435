// A file system of a few kilobytes, to be filled up.
#pragma once

#include <string>

#include "support/temp_dir.hpp"

namespace kbeat::test {

/// A tmpfs of its own, mounted while it lives. Needs to be root: throws otherwise, so that a test that
/// cannot have its full disk fails.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size);
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk();

  void resize(const std::string& size);
  void make_read_only();
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return m_dir / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return m_dir.path(); }

 private:
  TempDir m_dir;
};

}  // namespace kbeat::test
