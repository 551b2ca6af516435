// A file that appears under its name only when it is whole.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/base/descriptor.hpp"

namespace kbeat::app {

/// Written under another name in the same folder, which is gone unless it was kept. Throws Error{io,
/// no_space} naming the file.
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

  std::string m_path, m_part;
  Descriptor m_file;
};

}  // namespace kbeat::app
