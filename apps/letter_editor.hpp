// Lets the user change a dead letter's value in an editor.
#pragma once

#include <optional>

#include "kbeat/dlq/letter_retry.hpp"

namespace kbeat::app {

/// Opens `value` in $VISUAL, else $EDITOR, else vi, and waits; nothing when it was left as it was. Throws
/// Error{bad_input} when the editor fails, or when JSON is no longer JSON.
[[nodiscard]] std::optional<Bytes> edit_in_editor(const dlq::SeenLetter& letter,
                                                  const std::optional<Bytes>& value);

}  // namespace kbeat::app
