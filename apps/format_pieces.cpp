// Cuts a format into tokens and text.
#include "format_pieces.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "line_source.hpp"

namespace kbeat::app {
namespace {

constexpr std::string_view k_tokens = "sSRkKTtpoh";
constexpr std::string_view k_byte_tokens = "skh";

[[noreturn]] void bad_format(const std::string& format, std::string_view what, std::string_view hint) {
  throw Error(ErrorCode::usage, fmt::format("-f \"{}\": {} is no {}", escape_for_terminal(format, 80),
                                            escape_for_terminal(what, 24), hint));
}

class FormatParser {
 public:
  explicit FormatParser(const std::string& format) : m_format(format) {}

  std::vector<FormatPiece> pieces() {
    while (m_at < m_format.size()) {
      if (m_format[m_at] == '%') {
        take_token();
      } else {
        m_plain += m_format[m_at];
        // An escape is kept together: what it stands for is text, even when it is a percent sign.
        if (m_format[m_at++] == '\\' && m_at < m_format.size()) m_plain += m_format[m_at++];
      }
    }
    end_text();
    return std::move(m_pieces);
  }

 private:
  void end_text() {
    if (m_plain.empty()) return;
    m_pieces.push_back({0, ByteForm::raw, unescape_delimiter(std::exchange(m_plain, {}))});
  }

  void take_token() {
    if (m_at + 1 == m_format.size()) bad_format(m_format, "%", k_hint);
    const char letter = m_format[m_at + 1];
    if (letter != '%' && k_tokens.find(letter) == std::string_view::npos)
      bad_format(m_format, std::string_view(m_format).substr(m_at, 2), k_hint);
    m_at += 2;
    if (letter == '%') {
      m_plain += '%';
      return;
    }
    end_text();
    m_pieces.push_back({letter, modifier_of(letter), {}});
  }

  ByteForm modifier_of(char letter) {
    const std::string_view rest = std::string_view(m_format).substr(m_at);
    if (!rest.starts_with('{')) return ByteForm::raw;
    const std::string_view modifier = rest.substr(0, rest.find('}') + 1);
    const bool bytes = k_byte_tokens.find(letter) != std::string_view::npos;
    m_at += modifier.size();
    if (modifier == "{hex}" && bytes) return ByteForm::hex;
    if (modifier == "{base64}" && bytes) return ByteForm::base64;
    if (modifier == "{iso}" && letter == 'T') return ByteForm::iso;
    bad_format(m_format, fmt::format("%{}{}", letter, modifier.empty() ? rest : modifier),
               "token; %s %k %h take {hex} and {base64}, %T takes {iso}");
  }

  static constexpr std::string_view k_hint = "token; there are %s %S %R %k %K %T %h %t %p %o %%";

  const std::string& m_format;
  std::size_t m_at = 0;
  std::string m_plain;
  std::vector<FormatPiece> m_pieces;
};

}  // namespace

std::vector<FormatPiece> parse_format(const std::string& format) {
  return FormatParser(format).pieces();
}

}  // namespace kbeat::app
