// How long a file says that it is, by the sizes and marks of its container, for it may have been cut.
#pragma once

#include <cstdint>

#include "kbeat/audio/container_bytes.hpp"

namespace kbeat::audio {

struct Promise {
  std::uint64_t frames = 0;  ///< that the chunk of samples of a WAV or AIFF would hold; 0 where none is named
  bool cut = false;          ///< an Ogg file whose last page is not whole or not marked as the last
  bool more_streams = false;  ///< another Ogg stream follows the first
};

/// Sizes that writers leave behind who do not know the length, such as those into a pipe, promise nothing.
[[nodiscard]] Promise promise_of(const ReadAt& read_at, std::uint64_t file_size);

}  // namespace kbeat::audio
