// One --header condition.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "kbeat/model/record.hpp"

namespace kbeat::filter {

/// NAME=VALUE: a header of that name has that value; NAME: there is one. Any of several headers of the name
/// may be the one.
class HeaderCondition {
 public:
  /// Throws Error{usage} for an empty name.
  explicit HeaderCondition(const std::string& text);

  [[nodiscard]] bool holds(std::span<const HeaderView> headers) const;

 private:
  std::string m_name;
  std::optional<std::string> m_value;
};

}  // namespace kbeat::filter
