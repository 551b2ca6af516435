// SQLite's result codes as errors of the house, mapped in one place.
#include "kbeat/sqlite/failure.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <string>

#include "kbeat/base/error.hpp"

namespace kbeat::sqlite {
namespace {

struct Meaning {
  ErrorCode code;
  Retryable retryable;
  std::string_view advice;
};

constexpr Meaning k_full{ErrorCode::no_space, Retryable::yes, "make room on that disk; nothing was written"};

/// A write that failed for want of room is reported as an I/O error by some paths (the -shm file).
bool disk_is_full(sqlite3* database) {
  const int cause = database == nullptr ? 0 : sqlite3_system_errno(database);
  return cause == ENOSPC || cause == EDQUOT;
}

Meaning io_meaning(sqlite3* database) {
  if (disk_is_full(database)) return k_full;
  return {ErrorCode::io, Retryable::yes, "check the disk and the kernel's log"};
}

Meaning meaning_of(sqlite3* database, int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return {ErrorCode::busy, Retryable::yes, "another process holds the lock: try again"};
    case SQLITE_FULL: return k_full;
    case SQLITE_IOERR: return io_meaning(database);
    case SQLITE_NOMEM: return {ErrorCode::database, Retryable::yes, "there is too little memory"};
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return {ErrorCode::bad_input, Retryable::no, "the schema refuses this row"};
    case SQLITE_TOOBIG: return {ErrorCode::too_large, Retryable::no, "a value is too big for a row"};
    case SQLITE_CORRUPT: return {ErrorCode::database, Retryable::no, "the file is damaged: restore a backup"};
    case SQLITE_NOTADB: return {ErrorCode::database, Retryable::no, "the file is not an SQLite database"};
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {ErrorCode::database, Retryable::no, "it may only be read: check its permissions"};
    case SQLITE_CANTOPEN:
      if (disk_is_full(database)) return k_full;
      return {ErrorCode::database, Retryable::no, "check the path and its permissions"};
    case SQLITE_INTERRUPT: return {ErrorCode::timed_out, Retryable::no, "it took longer than allowed"};
    case SQLITE_AUTH: return {ErrorCode::usage, Retryable::no, "only reading is allowed here"};
    case SQLITE_MISUSE: return {ErrorCode::internal, Retryable::no, "this is a bug"};
    default: return {ErrorCode::database, Retryable::no, ""};
  }
}

}  // namespace

void throw_failure(sqlite3* database, int result, std::string_view doing) {
  const Meaning meaning = meaning_of(database, result);
  const bool own_text = database != nullptr && sqlite3_extended_errcode(database) == result;
  const char* text = own_text ? sqlite3_errmsg(database) : sqlite3_errstr(result);
  const std::string_view separator = meaning.advice.empty() ? "" : "; ";
  throw Error(meaning.code, fmt::format("{}: {}{}{}", doing, text, separator, meaning.advice),
              meaning.retryable);
}

}  // namespace kbeat::sqlite
