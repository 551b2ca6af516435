// A directory for one test case, gone with it.
#include "support/temp_dir.hpp"

#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace kbeat::test {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "kbeat-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  m_path = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

}  // namespace kbeat::test
