// Bytes as a file without a name: a child's input that it may read as slowly as it likes, or not at all.
#pragma once

#include <string_view>

#include "kbeat/base/descriptor.hpp"

namespace kbeat {

/// Open for reading at its start. Throws a retryable Error{io}.
[[nodiscard]] Descriptor memory_file(std::string_view content);

}  // namespace kbeat
