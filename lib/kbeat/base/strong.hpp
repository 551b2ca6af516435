// A value with a name of its own, so that a partition is not taken for an offset.
#pragma once

#include <compare>
#include <functional>
#include <utility>

namespace kbeat {

/// Wraps `Value`; `Tag` only tells one use from another. Read with `get()`.
template <typename Tag, typename Value>
class Strong {
 public:
  constexpr Strong() = default;
  constexpr explicit Strong(Value value) : m_value(std::move(value)) {}

  [[nodiscard]] constexpr const Value& get() const { return m_value; }

  constexpr auto operator<=>(const Strong&) const = default;
  constexpr bool operator==(const Strong&) const = default;

 private:
  Value m_value{};
};

}  // namespace kbeat

template <typename Tag, typename Value>
struct std::hash<kbeat::Strong<Tag, Value>> {
  std::size_t operator()(const kbeat::Strong<Tag, Value>& strong) const {
    return std::hash<Value>{}(strong.get());
  }
};
