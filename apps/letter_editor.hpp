// Lets the user change a dead letter's value in an editor.
#pragma once

#include <filesystem>
#include <optional>

#include "kbeat/model/record.hpp"

namespace kbeat::app {

/// Opens `value`, in a file below `data_dir` that does not stay, in $VISUAL, else $EDITOR, else vi, and
/// waits; nothing when it was left as it was. Throws Error{bad_input} when the editor fails, or when JSON is
/// no longer JSON.
[[nodiscard]] std::optional<Bytes> edit_in_editor(const std::filesystem::path& data_dir,
                                                  const std::optional<Bytes>& value);

}  // namespace kbeat::app
