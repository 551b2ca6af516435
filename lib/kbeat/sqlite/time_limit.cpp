// SQLite's progress handler, asked every few thousand steps.
#include "kbeat/sqlite/time_limit.hpp"

#include <sqlite3.h>

namespace kbeat::sqlite {
namespace {

constexpr int k_steps_between_looks = 1000;

int is_over(void* end) {
  return std::chrono::steady_clock::now() >= *static_cast<const SteadyTime*>(end) ? 1 : 0;
}

}  // namespace

TimeLimit::TimeLimit(Database& database, SteadyTime end) : m_database(database), m_end(end) {
  sqlite3_progress_handler(m_database.handle(), k_steps_between_looks, is_over, &m_end);
}

TimeLimit::~TimeLimit() {
  sqlite3_progress_handler(m_database.handle(), 0, nullptr, nullptr);
}

}  // namespace kbeat::sqlite
