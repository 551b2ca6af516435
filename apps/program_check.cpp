// Looks for a program as starting it will.
#include "program_check.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

bool is_program(const std::string& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(path, none) && access(path.c_str(), X_OK) == 0;
}

bool is_in_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    if (is_program(fmt::format("{}/{}", folder.empty() ? "." : folder, name))) return true;
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
  }
  return false;
}

}  // namespace

void check_program(const std::string& place, const std::string& program) {
  if (program.find('/') != std::string::npos ? is_program(program) : is_in_path(program)) return;
  throw Error(ErrorCode::configuration, fmt::format("{}: there is no program {} that may be run", place,
                                                    escape_for_terminal(program, 200)));
}

}  // namespace kbeat::app
