// Files for downloads that nobody else can open and that leave nothing behind.
#pragma once

#include <filesystem>

#include "kbeat/net/download.hpp"

namespace kbeat::net {

/// An empty file without a name in `folder`, readable and writable, mode 0600. Throws Error{io} naming the
/// folder.
[[nodiscard]] FetchedFile make_temporary_file(const std::filesystem::path& folder);

/// The same for file systems that have no nameless files: made under a name that is taken away at once.
[[nodiscard]] FetchedFile make_unlinked_file(const std::filesystem::path& folder);

/// Removes what a process killed inside make_unlinked_file left in `folder`: our own files older than a
/// minute.
void remove_orphans(const std::filesystem::path& folder, WallTime now);

}  // namespace kbeat::net
