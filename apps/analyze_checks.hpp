// What is wrong with a call of analyze before any audio is looked at.
#pragma once

#include <vector>

#include "audio_sources.hpp"
#include "cmd_analyze.hpp"

namespace kbeat::app {

/// One piece of audio for a picture, clicks or an id; files that are written are none that are read, `input`
/// (the descriptor of stdin) among them. Throws Error{usage} that names the flag.
void check_sources(const AnalyzeFlags& flags, const std::vector<AudioSource>& sources, int input);

}  // namespace kbeat::app
