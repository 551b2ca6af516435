// Compiles with RE2 and words its complaints.
#include "kbeat/filter/pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::filter {
namespace {

re2::StringPiece piece(std::string_view text) {
  return {text.data(), text.size()};
}

RE2::Options quiet() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

}  // namespace

struct Pattern::Compiled {
  RE2 expression;
};

Pattern::Pattern(std::string_view flag, std::string_view expression)
    : m_compiled(new Compiled{RE2(piece(expression), quiet())}) {
  if (m_compiled->expression.ok()) return;
  throw Error(ErrorCode::usage, fmt::format("{} \"{}\" is not a regular expression (RE2): {}", flag,
                                            escape_for_terminal(expression, 120),
                                            escape_for_terminal(m_compiled->expression.error(), 200)));
}

Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::found_in(std::string_view text) const {
  return RE2::PartialMatch(piece(text), m_compiled->expression);
}

}  // namespace kbeat::filter
