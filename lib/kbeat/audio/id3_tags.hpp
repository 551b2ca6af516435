// Tags of the ID3v2 form (id3.org, versions 2.2, 2.3 and 2.4).
#pragma once

#include "kbeat/audio/tags.hpp"

namespace kbeat::audio {

/// Adds what the tag at `offset` says and `tags` does not know yet; does nothing when there is none.
void add_id3_tags(const ReadAt& read_at, std::uint64_t offset, Tags& tags);

}  // namespace kbeat::audio
