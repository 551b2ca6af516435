// Numbers as they are compared.
#include <charconv>
#include <cmath>

#include "kbeat/filter/where_expression.hpp"

namespace kbeat::filter {
namespace {

/// Wide enough for every integer of 64 bits and every double on the machines that kbeat runs on.
using Wide = long double;

template <typename Value>
std::optional<Value> whole_text(std::string_view text) {
  Value value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

Wide widened(const Number& number) {
  return std::visit([](auto value) { return static_cast<Wide>(value); }, number);
}

}  // namespace

std::optional<int> compare(const Number& a, const Number& b) {
  const Wide left = widened(a);
  const Wide right = widened(b);
  if (std::isnan(left) || std::isnan(right)) return std::nullopt;
  if (left < right) return -1;
  return left > right ? 1 : 0;
}

std::optional<Number> to_number(std::string_view text) {
  if (const auto whole = whole_text<std::int64_t>(text)) return *whole;
  if (const auto large = whole_text<std::uint64_t>(text)) return *large;
  if (const auto real = whole_text<double>(text)) return *real;
  return std::nullopt;
}

}  // namespace kbeat::filter
