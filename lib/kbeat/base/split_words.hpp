// Splits a command as a user writes it into words, without a shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kbeat {

/// Words are separated by blanks; '…' and "…" keep blanks, \ keeps the next character (not within '…').
/// Nothing is expanded. Throws Error{usage} for a quote that is not closed or a \ at the end.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

}  // namespace kbeat
