// Consumers that are switched off, by group: a running one takes in nothing until it is on again.
#pragma once

#include <map>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/sqlite/database.hpp"

namespace kbeat::store {

enum class Switched { off, on };

/// On unless somebody switched it off.
[[nodiscard]] Switched consumer_switch(sqlite::Database& database, const std::string& group);
void switch_consumer(sqlite::Database& database, const std::string& group, Switched to, WallTime now);

}  // namespace kbeat::store
