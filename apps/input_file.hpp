// A file that is named on the command line to be read; - is standard input.
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>

#include "kbeat/base/descriptor.hpp"

namespace kbeat::app {

/// Opened at once: a pipe that nobody writes to yet is waited for when it is read, where a signal ends the
/// waiting. For one thread.
class InputFile {
 public:
  /// `input` is standard input's descriptor, which stays open. Throws Error{not_found} for what is not there,
  /// Error{bad_input} for a directory and for what must not be read.
  InputFile(const std::string& path, int input);

  [[nodiscard]] int descriptor() const { return m_descriptor.number(); }
  /// All of it. Throws Error{bad_input} beyond `longest` bytes, Error{interrupted} when it is stopped before
  /// the end.
  [[nodiscard]] std::string read_whole(std::size_t longest, const std::stop_token& stop) const;

 private:
  std::string m_path;
  Descriptor m_descriptor;
};

/// Throws what opening the file would throw. A pipe is not opened: its writer would take that for a reader.
void check_readable(const std::string& path);

}  // namespace kbeat::app
