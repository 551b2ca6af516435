// What a file's tags say about it, tempo and key included, which decoders pass over.
#pragma once

#include <optional>
#include <string>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

/// UTF-8; empty where the file says nothing.
struct Tags {
  std::string title, artist, key;
  std::optional<double> bpm;
};

/// Reads ID3v2 (at the start, and in the chunks of WAV and AIFF), Vorbis comments of FLAC and Ogg, and the
/// tempo of ACID loops. A damaged tag ends where the damage begins; pictures are stepped over.
[[nodiscard]] Tags read_tags(const ReadAt& read_at);

}  // namespace kbeat::audio
