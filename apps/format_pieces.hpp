// The format of -f: kcat's tokens, each with a modifier in braces if need be.
#pragma once

#include <string>
#include <vector>

namespace kbeat::app {

/// How a token's bytes, or its timestamp (iso), are written.
enum class ByteForm { raw, hex, base64, iso };

/// A token of the format, or text as it is.
struct FormatPiece {
  char token = 0;  ///< 0: text
  ByteForm form = ByteForm::raw;
  std::string text;
};

/// %s %k %h with {hex} or {base64}, %T with {iso}, %S %R %K %t %p %o, %%; and the escapes of a delimiter.
/// Throws Error{usage} naming the token that is wrong.
[[nodiscard]] std::vector<FormatPiece> parse_format(const std::string& format);

}  // namespace kbeat::app
