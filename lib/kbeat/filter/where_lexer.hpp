// Cuts the text of a --where expression into its words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kbeat::filter {

enum class TokenKind { word, number, string, sign, end };

/// `text` is the word or sign, a number's digits, or what stands between a string's quotes, as it was
/// written.
struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::size_t at = 0;  ///< byte in the expression
};

/// Views into `expression`; the last token is `end`. Throws Error{usage} for a character that has no meaning.
[[nodiscard]] std::vector<Token> tokens_of(std::string_view expression);

/// Resolves \" \' \\ \/ \b \f \n \r \t \uXXXX of a string as it was written. Throws Error{usage}.
[[nodiscard]] std::string unescaped(std::string_view expression, const Token& string);

/// Throws Error{usage}: `--where "…": WHY, at byte N`.
[[noreturn]] void bad_where(std::string_view expression, std::size_t at, std::string_view why);

}  // namespace kbeat::filter
