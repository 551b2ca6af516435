// What a running consumer tells of itself in its row of the store, beyond the row's columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/pipeline/consume_view.hpp"

namespace kbeat::pipeline {

/// One JSON object. `quiet` is the time since the loop last turned; `is_on` is false while somebody has the
/// group switched off.
[[nodiscard]] std::string runtime_detail(const ConsumeView& view, Milliseconds quiet,
                                         const std::vector<RaisedAlert>& raised, bool is_on);

/// What others judge by.
struct RuntimeDetail {
  std::vector<OpenBreaker> paused;
  std::vector<RaisedAlert> raised;
  bool is_on = true;
};

/// Nothing where there is nothing to read, as in rows of earlier versions.
[[nodiscard]] RuntimeDetail read_runtime_detail(std::string_view json);

}  // namespace kbeat::pipeline
