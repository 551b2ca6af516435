// Where the MPEG audio frames of a file lie, behind whatever a ripper or a radio left before them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

/// The offset from `from` on, within 4 kB, of a layer III frame that another one follows; nothing without.
[[nodiscard]] std::optional<std::uint64_t> find_mpeg_frame(const ReadAt& read_at, std::uint64_t from);

/// Where a decoder is to begin, and what it is to be given before that.
struct MpegStart {
  std::uint64_t first = 0;
  std::vector<std::uint8_t>
      length_tag{};  ///< a frame that tells how many follow it; empty where there is one
};

/// Most encoders leave a "Xing" tag with the number of frames; without one libmpg123 guesses the length from
/// the first frame's bit rate, and reads no further. One is made where none lies at `first`, and in place of
/// one behind whose frames others go on, as in files that were put together. `first` itself where no two
/// frames lie.
[[nodiscard]] MpegStart mpeg_start(const ReadAt& read_at, std::uint64_t first);

}  // namespace kbeat::audio
