// SQLite's result codes as errors of the house, mapped in one place.
#pragma once

#include <string_view>

struct sqlite3;

namespace kbeat::sqlite {

/// Throws the Error that `result` (an extended result code of `database`, which may be null) stands for.
/// `doing` says what failed and on what, e.g. "cannot write to /home/a/store.db". Retryable are: a lock
/// held by others (busy), a full disk (no_space) and a failing one (io). A row that the schema refuses is
/// bad_input, one that is too big too_large, a damaged file or any other fault database.
[[noreturn]] void throw_failure(sqlite3* database, int result, std::string_view doing);

}  // namespace kbeat::sqlite
