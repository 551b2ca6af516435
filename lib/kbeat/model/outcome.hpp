// The fate of an event as a value: done with effects, to be tried again, or rejected.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kbeat/model/effect.hpp"

namespace kbeat {

/// Why an event failed; the names are those of the header kbeat.dlq.category.
enum class FailureCategory { deserialization, schema, processing, timeout, dependency, crash };

[[nodiscard]] std::string_view to_string(FailureCategory category);
/// Throws Error{bad_input} naming the six.
[[nodiscard]] FailureCategory parse_failure_category(std::string_view text);

/// Handled: the effects go into the store, `result` (one JSON value, or empty) into the result line.
struct Done {
  std::vector<Effect> effects;
  std::string result;
};

/// Handled, with one effect.
template <typename OneEffect>
[[nodiscard]] Done done_with(OneEffect&& effect) {
  Done done;
  done.effects.emplace_back(std::forward<OneEffect>(effect));
  return done;
}

/// Failed for now. `after` is a wait that the other side asked for (Retry-After).
struct Retry {
  FailureCategory category = FailureCategory::processing;
  std::string reason;
  std::optional<std::chrono::milliseconds> after;
};

/// Failed for good: goes to the dead letters.
struct Reject {
  FailureCategory category = FailureCategory::processing;
  std::string reason;
};

using Outcome = std::variant<Done, Retry, Reject>;

}  // namespace kbeat
