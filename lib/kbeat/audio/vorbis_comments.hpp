// Tags of the form that FLAC, Vorbis and Opus share: lengths and NAME=value.
#pragma once

#include "kbeat/audio/tags.hpp"

namespace kbeat::audio {

/// Adds what the comments of a FLAC file say.
void add_flac_comments(const ReadAt& read_at, Tags& tags);

/// Adds what the comment packet of an Ogg file's first stream says, up to 1 MiB of it.
void add_ogg_comments(const ReadAt& read_at, Tags& tags);

}  // namespace kbeat::audio
