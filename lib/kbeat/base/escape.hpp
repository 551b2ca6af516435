// Makes untrusted bytes fit to be shown: in a terminal, in a log line, in a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace kbeat {

/// True when `bytes` is well-formed UTF-8 (no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Control characters (C0, DEL, C1), bidirectional marks and invalid UTF-8 become \xNN or \u{NNNN};
/// newline and tab become \n and \t. At most `limit` bytes of `text` are shown, then an ellipsis.
[[nodiscard]] std::string escape_for_terminal(std::string_view text, std::size_t limit = 4096);

/// Whole lines for a terminal: what would steer it (C0 but newline and tab, DEL, C1, bidirectional marks)
/// becomes \uNNNN, so that JSON stays the JSON that it was; invalid UTF-8 becomes \xNN.
[[nodiscard]] std::string escape_steering(std::string_view lines);

/// Appends `text` as a JSON string with its quotes. `text` must be valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string with its quotes, cleaned of invalid UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

/// `text` cleaned of invalid UTF-8 (U+FFFD in its place) and cut to `limit` bytes at a character's edge.
[[nodiscard]] std::string clean_utf8(std::string_view text, std::size_t limit);

}  // namespace kbeat
