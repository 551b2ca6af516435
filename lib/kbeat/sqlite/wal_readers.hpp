// Which processes read a database in a way that keeps its -wal from shrinking.
#pragma once

#include <filesystem>
#include <string>

namespace kbeat::sqlite {

/// `: process 17 is reading it`, by the locks that the kernel lists on the -shm file; empty when it lists
/// none.
[[nodiscard]] std::string describe_wal_readers(std::filesystem::path database);

}  // namespace kbeat::sqlite
