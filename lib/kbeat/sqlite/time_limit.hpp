// An end to what a connection reads, for those who have to answer in time.
#pragma once

#include "kbeat/sqlite/database.hpp"

namespace kbeat::sqlite {

/// While it lives a statement that runs past `end` is ended: it throws Error{timed_out}. One at a time on a
/// connection, which outlives it.
class TimeLimit {
 public:
  TimeLimit(Database& database, SteadyTime end);
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;
  ~TimeLimit();

 private:
  Database& m_database;
  SteadyTime m_end;
};

}  // namespace kbeat::sqlite
