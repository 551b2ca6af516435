// Evaluates the tree over one value.
#include "kbeat/filter/where.hpp"

#include <algorithm>

#include "kbeat/filter/json_walk.hpp"
#include "kbeat/filter/where_parser.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::filter {
namespace {

bool holds(const Expression& expression, JsonWalk& walk) {
  const auto part_holds = [&](const Expression& part) { return holds(part, walk); };
  const auto& parts = expression.parts;
  switch (expression.kind) {
    case Expression::Kind::comparison: return walk.holds(expression.comparison);
    case Expression::Kind::negation: return !holds(parts.front(), walk);
    case Expression::Kind::all: return std::all_of(parts.begin(), parts.end(), part_holds);
    case Expression::Kind::any: return std::any_of(parts.begin(), parts.end(), part_holds);
  }
  return false;
}

/// Whether it may hold because something is not there, which text that is not JSON may be the reason for.
bool may_hold_by_absence(const Expression& expression) {
  if (expression.kind == Expression::Kind::comparison) return expression.comparison.op == Operator::unequal;
  return expression.kind == Expression::Kind::negation ||
         std::any_of(expression.parts.begin(), expression.parts.end(), may_hold_by_absence);
}

}  // namespace

struct Where::Parts {
  explicit Parts(std::string_view text)
      : expression(parse_where(text)), by_absence(may_hold_by_absence(expression)) {}

  Expression expression;
  bool by_absence;
  JsonWalk walk;
};

Where::Where(std::string_view expression) : m_parts(std::make_unique<Parts>(expression)) {}

Where::Where(Where&&) noexcept = default;
Where& Where::operator=(Where&&) noexcept = default;
Where::~Where() = default;

bool Where::holds(std::string_view value) {
  JsonWalk& walk = m_parts->walk;
  if (!walk.open(value) || !filter::holds(m_parts->expression, walk) || !walk.is_sound()) return false;
  return !m_parts->by_absence || is_json(value);
}

}  // namespace kbeat::filter
