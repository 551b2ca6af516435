// Files with a given content, for tests.
#pragma once

#include <filesystem>
#include <string_view>

namespace kbeat::test {

/// Writes (or replaces) the file and returns its path.
std::filesystem::path write_text(const std::filesystem::path& path, std::string_view content);

}  // namespace kbeat::test
