// A copy of a database while it is in use.
#pragma once

#include <cstdint>
#include <filesystem>

#include "kbeat/sqlite/database.hpp"

namespace kbeat::sqlite {

enum class Existing { refuse, replace };

/// Writes one state of `database` to `target`: complete, synced and renamed into place, or not there at all.
/// Writers go on meanwhile. Returns the copy's bytes. Throws Error{usage} when `target` exists and may not
/// be replaced, Error otherwise as writing does.
std::uintmax_t back_up(Database& database, const std::filesystem::path& target, Existing existing);

}  // namespace kbeat::sqlite
