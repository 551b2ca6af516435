// Where the first MPEG audio frame of a file lies, behind whatever a ripper or a radio left before it.
#pragma once

#include <cstdint>
#include <optional>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

/// The offset from `from` on, within 4 kB, of a layer III frame that another one follows; nothing without.
[[nodiscard]] std::optional<std::uint64_t> find_mpeg_frame(const ReadAt& read_at, std::uint64_t from);

}  // namespace kbeat::audio
