// The event whose effects are being applied, as every table's writer sees it.
#pragma once

#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::store {

/// `ordinal` numbers the rows of one event within an appended table, so that each is unique.
struct AppliedEvent {
  const FinishedDone& done;
  WallTime now;
  int ordinal = 0;
};

}  // namespace kbeat::store
