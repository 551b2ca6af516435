// A file that appears under its name only when it is whole.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/base/descriptor.hpp"

namespace kbeat::app {

/// The file that is made or replaced when `path` is written: links are followed, the last may lead to nothing
/// yet. Throws Error{usage}, `shown` first, where that is there and no regular file, and below /dev and
/// /proc.
[[nodiscard]] std::string written_file(const std::string& path, const std::string& shown);

/// Written under another name in the folder of written_file(path), which is gone unless it was kept. Throws
/// Error{io, no_space} naming the file.
class NewFile {
 public:
  explicit NewFile(std::string path);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile();

  void write(std::string_view bytes);
  /// Gives it its name, in place of a file that has it.
  void keep();

 private:
  [[noreturn]] void fail(int error) const;

  std::string m_path, m_target, m_part;
  Descriptor m_file;
};

}  // namespace kbeat::app
