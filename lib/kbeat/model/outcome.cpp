// Names of the failure categories.
#include "kbeat/model/outcome.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

constexpr std::array<std::pair<FailureCategory, std::string_view>, 6> k_category_names{{
    {FailureCategory::deserialization, "deserialization"},
    {FailureCategory::schema, "schema"},
    {FailureCategory::processing, "processing"},
    {FailureCategory::timeout, "timeout"},
    {FailureCategory::dependency, "dependency"},
    {FailureCategory::crash, "crash"},
}};

}  // namespace

std::string_view to_string(FailureCategory category) {
  for (const auto& [value, name] : k_category_names) {
    if (value == category) return name;
  }
  return "processing";
}

FailureCategory parse_failure_category(std::string_view text) {
  for (const auto& [value, name] : k_category_names) {
    if (name == text) return value;
  }
  throw Error(ErrorCode::bad_input,
              fmt::format("\"{}\" is not a category: use deserialization, schema, processing, timeout, "
                          "dependency or crash",
                          text));
}

}  // namespace kbeat
