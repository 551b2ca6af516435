// The loaded SQLite, and which of its faults is worked around.
#pragma once

#include "kbeat/base/library_facts.hpp"

namespace kbeat::sqlite {

[[nodiscard]] LibraryFacts sqlite_facts();

}  // namespace kbeat::sqlite
