// In which order a container keeps its channels, and how they come into that of WAV.
#pragma once

#include <cstddef>
#include <span>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

/// Whether the file orders its channels as Vorbis does: an Ogg file of Vorbis, or of Opus with mapping family
/// 1 (RFC 7845, 5.1.1.2). Other families give their channels no places.
[[nodiscard]] bool has_vorbis_order(const ReadAt& read_at);

/// Brings frames of interleaved samples from the order of Vorbis (Vorbis I, 4.3.9) into that of WAV and FLAC,
/// in place: centre behind left and right, the LFE behind these, backs before sides.
void from_vorbis_order(std::span<float> samples, std::size_t channels);

}  // namespace kbeat::audio
