// From the words of a command line to the pieces of audio that they mean.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kbeat/net/download.hpp"

namespace kbeat::app {

enum class AudioKind { file, url, input };

struct AudioSource {
  AudioKind kind = AudioKind::file;
  std::string name;  ///< a path or a URL; `-` for stdin
};

/// For messages and pictures: a URL without its password and query, which may be a secret.
[[nodiscard]] std::string shown_name(const AudioSource& source);

/// Folders stand for the audio files below them (by their suffix, hidden ones left out), patterns for what
/// they match; both sorted. Words that match nothing stay, so that opening them says why.
[[nodiscard]] std::vector<AudioSource> find_audio(const std::vector<std::string>& words);

/// The source as the descriptor of a regular file; pipes and URLs are copied into a nameless one first.
/// Throws Error{not_found, io, bad_input, too_large} or what the download failed with.
[[nodiscard]] net::FetchedFile open_audio(const AudioSource& source, int input, net::Downloader& downloader,
                                          std::stop_token stop);

}  // namespace kbeat::app
