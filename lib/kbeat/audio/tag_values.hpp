// The tags that count, whatever the container calls them.
#pragma once

#include <string_view>

#include "kbeat/audio/tags.hpp"

namespace kbeat::audio {

enum class TagName { title, artist, bpm, key };

/// Sets the tag, as tag_text reads it, unless it is known already; a tempo that is no number from 1 to 999 is
/// no tempo.
void set_tag(Tags& tags, TagName name, std::string_view value);

}  // namespace kbeat::audio
