// Which bytes may be handed to a decoder at all, told by their first bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

inline constexpr std::string_view k_readable_formats =
    "WAV or AIFF with PCM or float samples, FLAC, Ogg Vorbis, Ogg Opus and MP3 can be read";

/// Lets WAV and AIFF with PCM or float samples, FLAC, Ogg Vorbis, Ogg Opus and MPEG audio pass. Throws
/// Error{bad_input} for everything else, ADPCM and other compressed WAV in particular: the decoders of
/// those are not to see untrusted bytes. Nothing is decoded here. Returns the byte that the decoder is to
/// begin at: the first, or that of the first MPEG frame when there is something else before it.
[[nodiscard]] std::uint64_t check_audio_format(const ReadAt& read_at);

/// The printed name of a libsndfile format, such as "pcm_16", "flac" or "mp3"; empty when the
/// format is not one of those above.
[[nodiscard]] std::string codec_name(int sndfile_format);

}  // namespace kbeat::audio
