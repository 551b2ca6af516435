// What a --where expression says, as a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kbeat/filter/pattern.hpp"

namespace kbeat::filter {

/// One step of a path: a field by its name, an element by its number, or every element and field.
struct Step {
  enum class Kind { field, element, any };
  Kind kind = Kind::field;
  std::string name;
  std::size_t index = 0;
};
using Path = std::vector<Step>;

/// Compares exactly: 64-bit integers are not rounded to doubles.
using Number = std::variant<std::int64_t, std::uint64_t, double>;

/// Negative, zero or positive as `a` is less than, equal to or greater than `b`; nothing when one is NaN.
[[nodiscard]] std::optional<int> compare(const Number& a, const Number& b);

/// The number that a JSON text stands for, as it is compared; nothing when it is none.
[[nodiscard]] std::optional<Number> to_number(std::string_view text);

/// A JSON scalar.
using Literal = std::variant<std::nullptr_t, bool, Number, std::string>;

enum class Operator { equal, unequal, less, less_equal, greater, greater_equal, like, in, exists };

/// `path operator literals`: one literal, several with `in`, none with `exists`; `like` has a pattern.
struct Comparison {
  Path path;
  Operator op = Operator::exists;
  std::vector<Literal> literals;
  std::optional<Pattern> pattern;
};

struct Expression {
  enum class Kind { comparison, negation, all, any };
  Kind kind = Kind::comparison;
  Comparison comparison;
  std::vector<Expression> parts;  ///< one of a negation
};

}  // namespace kbeat::filter
