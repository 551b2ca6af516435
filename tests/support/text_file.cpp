// Writes a file or fails the test.
#include "support/text_file.hpp"

#include <fstream>
#include <stdexcept>

namespace kbeat::test {

std::filesystem::path write_text(const std::filesystem::path& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << content;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
  return path;
}

}  // namespace kbeat::test
