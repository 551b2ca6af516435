// The one version that matters.
#include "kbeat/sqlite/sqlite_facts.hpp"

#include <sqlite3.h>

namespace kbeat::sqlite {

LibraryFacts sqlite_facts() {
  LibraryFacts facts{.name = "sqlite", .version = sqlite3_libversion(), .workarounds = {}};
  constexpr int k_wal_reset_mended = 3051003;
  if (sqlite3_libversion_number() < k_wal_reset_mended)
    facts.workarounds.emplace_back("a lock file around writes and checkpoints, against the WAL-reset fault");
  return facts;
}

}  // namespace kbeat::sqlite
