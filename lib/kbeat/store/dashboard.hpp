// Computes the dashboard's summary rows outside of any event.
#pragma once

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

void refresh_dashboard(sqlite::Database& database, WallTime now);

}  // namespace kbeat::store
