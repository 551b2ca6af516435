// Recursive descent: or, and, not, comparison, path.
#include "kbeat/filter/where_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "kbeat/base/escape.hpp"
#include "kbeat/filter/where_lexer.hpp"

namespace kbeat::filter {
namespace {

constexpr int k_deepest = 64;

struct NamedOperator {
  std::string_view sign;
  Operator op;
};
constexpr std::array k_operators{
    NamedOperator{"==", Operator::equal},   NamedOperator{"=", Operator::equal},
    NamedOperator{"!=", Operator::unequal}, NamedOperator{"<=", Operator::less_equal},
    NamedOperator{"<", Operator::less},     NamedOperator{">=", Operator::greater_equal},
    NamedOperator{">", Operator::greater},  NamedOperator{"=~", Operator::like},
    NamedOperator{"!~", Operator::like}};

Expression negated(Expression expression) {
  Expression out;
  out.kind = Expression::Kind::negation;
  out.parts.push_back(std::move(expression));
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : m_text(text), m_tokens(tokens_of(text)) {}

  Expression whole() {
    Expression expression = any();
    if (peek().kind != TokenKind::end) fail("expected and, or, or the end");
    return expression;
  }

 private:
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return m_tokens[std::min(m_next + ahead, m_tokens.size() - 1)];
  }

  [[nodiscard]] bool sees(std::string_view text, std::size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return (token.kind == TokenKind::word || token.kind == TokenKind::sign) && token.text == text;
  }

  bool take(std::string_view text) {
    if (!sees(text)) return false;
    ++m_next;
    return true;
  }

  [[noreturn]] void fail(std::string_view why) const { bad_where(m_text, peek().at, why); }

  void expect(std::string_view text) {
    if (!take(text)) fail(fmt::format("expected {}", text));
  }

  Expression any() { return joined(Expression::Kind::any, "or", "||", &Parser::all); }
  Expression all() { return joined(Expression::Kind::all, "and", "&&", &Parser::part); }

  Expression joined(Expression::Kind kind, std::string_view word, std::string_view sign,
                    Expression (Parser::*read)()) {
    Expression first = (this->*read)();
    if (!sees(word) && !sees(sign)) return first;
    Expression out;
    out.kind = kind;
    out.parts.push_back(std::move(first));
    while (take(word) || take(sign)) out.parts.push_back((this->*read)());
    return out;
  }

  Expression part() {
    if (++m_depth > k_deepest) fail("nested too deep");
    Expression expression = negation_or_group();
    --m_depth;
    return expression;
  }

  Expression negation_or_group() {
    if ((sees("not") || sees("!")) && !sees("in", 1)) {
      ++m_next;
      return negated(part());
    }
    if (take("(")) {
      Expression inside = any();
      expect(")");
      return inside;
    }
    return comparison();
  }

  Expression comparison() {
    Expression out;
    if (sees("exists") && !is_operator_ahead(1)) {
      ++m_next;
      const bool bracketed = take("(");
      out.comparison.path = path();
      if (bracketed) expect(")");
      return out;
    }
    out.comparison.path = path();
    if (take("exists")) return out;
    if (sees("not") && sees("in", 1)) {
      m_next += 2;
      read_list(out.comparison);
      return negated(std::move(out));
    }
    if (take("in")) {
      read_list(out.comparison);
      return out;
    }
    return compared(std::move(out));
  }

  Expression compared(Expression out) {
    const bool unlike = sees("!~");
    for (const NamedOperator& known : k_operators) {
      if (!take(known.sign)) continue;
      out.comparison.op = known.op;
      if (known.op == Operator::like) {
        if (peek().kind != TokenKind::string) fail("expected a regular expression in quotes");
        out.comparison.pattern.emplace("--where: the pattern", m_tokens[m_next++].text);
      } else {
        out.comparison.literals.push_back(literal());
      }
      return unlike ? negated(std::move(out)) : std::move(out);
    }
    fail("expected == != < <= > >= =~ !~ in or exists");
  }

  [[nodiscard]] bool is_operator_ahead(std::size_t ahead) const {
    return sees("in", ahead) || sees("exists", ahead) || sees(".", ahead) || sees("[", ahead) ||
           std::any_of(k_operators.begin(), k_operators.end(),
                       [&](const NamedOperator& known) { return sees(known.sign, ahead); });
  }

  void read_list(Comparison& comparison) {
    comparison.op = Operator::in;
    const bool square = take("[");
    if (!square) expect("(");
    do comparison.literals.push_back(literal());
    while (take(","));
    expect(square ? "]" : ")");
  }

  Literal literal() {
    const Token& token = peek();
    if (token.kind == TokenKind::string) return ++m_next, unescaped(m_text, token);
    if (token.kind == TokenKind::number) {
      const auto number = to_number(token.text);
      if (!number) fail("this number is out of range");
      return ++m_next, *number;
    }
    if (take("null")) return nullptr;
    if (take("true")) return true;
    if (take("false")) return false;
    if (token.kind == TokenKind::word) {
      fail(fmt::format("text stands in quotes: \"{}\"", escape_for_terminal(token.text, 80)));
    }
    fail("expected a string, a number, true, false or null");
  }

  /// $.a.b[0]["c d"], .a.b or a.b
  Path path() {
    Path steps;
    const bool rooted = take("$");
    if (!rooted && peek().kind == TokenKind::word) steps.push_back(field());
    if (!rooted && steps.empty() && !sees(".") && !sees("[")) fail("expected the path of a field");
    while (sees(".") || sees("[")) {
      if (take("[")) {
        steps.push_back(in_brackets());
      } else {
        ++m_next;
        if (sees("[")) continue;  // jq's .["name"]
        steps.push_back(take("*") ? Step{Step::Kind::any, {}, 0} : field());
      }
    }
    return steps;
  }

  Step field() {
    if (peek().kind != TokenKind::word) fail("expected a field's name; others than words stand in [\"…\"]");
    return {Step::Kind::field, std::string(m_tokens[m_next++].text), 0};
  }

  Step in_brackets() {
    const Token token = peek();
    Step step;
    if (token.kind == TokenKind::string) {
      ++m_next;
      step.name = unescaped(m_text, token);
    } else if (take("*")) {
      step.kind = Step::Kind::any;
    } else {
      step.kind = Step::Kind::element;
      const char* last = token.text.data() + token.text.size();
      const auto result = std::from_chars(token.text.data(), last, step.index);
      if (token.kind != TokenKind::number || result.ptr != last)
        fail("expected a number, * or a name in quotes");
      if (result.ec != std::errc{}) fail("the number of an element is too large");
      ++m_next;
    }
    expect("]");
    return step;
  }

  std::string_view m_text;
  std::vector<Token> m_tokens;
  std::size_t m_next = 0;
  int m_depth = 0;
};

}  // namespace

Expression parse_where(std::string_view text) {
  return Parser(text).whole();
}

}  // namespace kbeat::filter
