// Words, numbers, strings and signs.
#include "kbeat/filter/where_lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::filter {
namespace {

/// Longer ones first.
constexpr std::array<std::string_view, 20> k_signs{"==", "!=", "<=", ">=", "=~", "!~", "&&", "||", "<", ">",
                                                   "(",  ")",  "[",  "]",  ",",  ".",  "*",  "$",  "!", "="};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool goes_on_word(char c) {
  return starts_word(c) || is_digit(c) || c == '-';
}

std::size_t word_length(std::string_view rest) {
  std::size_t length = 1;
  while (length < rest.size() && goes_on_word(rest[length])) ++length;
  return length;
}

std::size_t number_length(std::string_view rest) {
  double ignored = 0;
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), ignored);
  return static_cast<std::size_t>(result.ptr - rest.data());
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

/// The four hexadecimal digits at `at`, or nothing sensible: 0x110000.
unsigned code_unit(std::string_view text, std::size_t at) {
  constexpr unsigned k_none = 0x110000;
  unsigned value = 0;
  if (at + 4 > text.size()) return k_none;
  const auto result = std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return result.ptr == text.data() + at + 4 ? value : k_none;
}

/// Reads what follows `\u` at `at` and moves on; false when it is no character.
bool append_escaped_code(std::string& out, std::string_view text, std::size_t& at) {
  unsigned code = code_unit(text, at);
  at += 4;
  const bool leads = code >= 0xD800 && code < 0xDC00;
  if (leads && text.substr(std::min(at, text.size())).starts_with("\\u")) {
    const unsigned low = code_unit(text, at + 2);
    if (low < 0xDC00 || low >= 0xE000) return false;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    at += 6;
  }
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  append_utf8(out, code);
  return true;
}

class Lexer {
 public:
  explicit Lexer(std::string_view expression) : m_text(expression) {}

  Token next() {
    while (m_at < m_text.size() && std::string_view(" \t\r\n").find(m_text[m_at]) != std::string_view::npos)
      ++m_at;
    const std::string_view rest = m_text.substr(m_at);
    if (rest.empty()) return {TokenKind::end, rest, m_at};
    if (rest[0] == '"' || rest[0] == '\'') return take_string(rest);
    if (starts_word(rest[0])) return take(TokenKind::word, word_length(rest));
    const bool negative = rest[0] == '-' && rest.size() > 1 && is_digit(rest[1]);
    if (is_digit(rest[0]) || negative) return take(TokenKind::number, number_length(rest));
    for (const std::string_view sign : k_signs) {
      if (rest.starts_with(sign)) return take(TokenKind::sign, sign.size());
    }
    bad_where(m_text, m_at,
              fmt::format("\"{}\" has no meaning here", escape_for_terminal(rest.substr(0, 1))));
  }

 private:
  Token take(TokenKind kind, std::size_t length) {
    const Token token{kind, m_text.substr(m_at, length), m_at};
    m_at += length;
    return token;
  }

  Token take_string(std::string_view rest) {
    std::size_t end = 1;
    while (end < rest.size() && rest[end] != rest[0]) end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) bad_where(m_text, m_at, "this string has no end");
    const Token token{TokenKind::string, rest.substr(1, end - 1), m_at};
    m_at += end + 1;
    return token;
  }

  std::string_view m_text;
  std::size_t m_at = 0;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view expression) {
  Lexer lexer(expression);
  std::vector<Token> tokens;
  do tokens.push_back(lexer.next());
  while (tokens.back().kind != TokenKind::end);
  return tokens;
}

std::string unescaped(std::string_view expression, const Token& string) {
  constexpr std::array<std::pair<char, char>, 9> k_escapes{{{'"', '"'},
                                                            {'\'', '\''},
                                                            {'\\', '\\'},
                                                            {'/', '/'},
                                                            {'b', '\b'},
                                                            {'f', '\f'},
                                                            {'n', '\n'},
                                                            {'r', '\r'},
                                                            {'t', '\t'}}};
  const std::string_view text = string.text;
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      out += text[i++];
      continue;
    }
    const char letter = text[i + 1];  // the lexer took the pair together
    i += 2;
    const auto* const known = std::find_if(k_escapes.begin(), k_escapes.end(),
                                           [&](const auto& escape) { return escape.first == letter; });
    if (known != k_escapes.end()) {
      out += known->second;
    } else if (letter != 'u' || !append_escaped_code(out, text, i)) {
      bad_where(expression, string.at, fmt::format("\\{} is no escape of a JSON string", letter));
    }
  }
  return out;
}

void bad_where(std::string_view expression, std::size_t at, std::string_view why) {
  throw Error(ErrorCode::usage, fmt::format("--where \"{}\": {} (at byte {})",
                                            escape_for_terminal(expression, 200), why, at + 1));
}

}  // namespace kbeat::filter
