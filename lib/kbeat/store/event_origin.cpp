// Which of two events came first: the rule by which older events never overwrite newer state.
#include "kbeat/store/event_origin.hpp"

#include "kbeat/store/column_times.hpp"

namespace kbeat::store {

bool is_older(const Origin& one, const Origin& other) {
  const bool comparable = one.topic == other.topic && one.partition == other.partition && other.offset >= 0;
  return comparable ? one.offset < other.offset : one.timestamp < other.timestamp;
}

Origin read_origin(const sqlite::Rows& row, int column) {
  return {.topic = std::string(row.bytes(column)),
          .partition = static_cast<std::int32_t>(row.integer(column + 1)),
          .offset = row.integer(column + 2),
          .timestamp = from_column(row.integer(column + 3))};
}

}  // namespace kbeat::store
