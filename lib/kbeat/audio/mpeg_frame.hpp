// Where the MPEG audio frames of a file lie, behind whatever a ripper or a radio left before them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

/// The offset from `from` on, within 4 kB, of a layer III frame that another one follows; nothing without.
[[nodiscard]] std::optional<std::uint64_t> find_mpeg_frame(const ReadAt& read_at, std::uint64_t from);

/// A frame that tells how many follow it (the "Xing" tag of most encoders), to be put before the frame at
/// `first`: without one libmpg123 guesses the length from that frame's bit rate, and reads no further. Empty
/// where an encoder left such a tag, and where no two frames lie.
[[nodiscard]] std::vector<std::uint8_t> missing_length_tag(const ReadAt& read_at, std::uint64_t first);

}  // namespace kbeat::audio
