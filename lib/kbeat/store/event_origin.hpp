// Which of two events came first: the rule by which older events never overwrite newer state.
#pragma once

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::store {

/// True when `one` came before `other`: by offset within a partition, else by timestamp. An offset of -1
/// (of a topic that was made anew since) counts for nothing. Equal ones are not older.
[[nodiscard]] bool is_older(const Origin& one, const Origin& other);

/// The columns origin_topic, origin_partition, origin_offset and origin_timestamp, from `column` on.
[[nodiscard]] Origin read_origin(const sqlite::Rows& row, int column);

}  // namespace kbeat::store
