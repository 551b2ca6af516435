// Reads audio from an open descriptor or a path, block by block, trusting nothing its header says.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "kbeat/audio/tags.hpp"

namespace kbeat::audio {

struct AudioInfo {
  int sample_rate = 0;    ///< Hz, 8,000 to 192,000
  int channels = 0;       ///< 1 to 8
  std::string codec;      ///< pcm_16, flac, vorbis, mp3 …
  double full_scale = 1;  ///< the largest positive sample of 8 bits is 127/128; 1 for all other formats
  Tags tags;
};

struct ReadLimits {
  double max_seconds = 3600;  ///< of decoded audio
};

/// Owns the decoder; one thread. Decoded frames are counted as they come: a header that promises hours
/// costs nothing, and audio longer than the limit is refused at the frame that passes it.
class FileReader {
 public:
  static constexpr std::size_t k_block_frames = 4'096;

  /// Reads with pread from offset 0, so the descriptor must be of a regular file and is neither moved nor
  /// closed. Throws Error{bad_input} when it is not audio of an allowed format, rate and channel count.
  [[nodiscard]] static FileReader from_descriptor(int descriptor, const ReadLimits& limits = {});

  /// Opens the file by name; Error{not_found} or {io} when it cannot be opened.
  [[nodiscard]] static FileReader from_path(const std::string& path, const ReadLimits& limits = {});

  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  ~FileReader();

  [[nodiscard]] const AudioInfo& info() const;

  /// The next interleaved samples, channels in the order of WAV, at most k_block_frames frames, valid until
  /// the next call; empty at the end. The caller may change them. Throws Error{bad_input} past the limit on
  /// length.
  [[nodiscard]] std::span<float> read();

  /// Reads and drops what comes before `seconds`; decoded frames all count.
  void skip(double seconds);

  /// Whether the file ends before the frames that its header names or without the end that its container
  /// has; known once read() was empty.
  [[nodiscard]] bool truncated() const;

  /// Whether other streams follow the one that is read.
  [[nodiscard]] bool has_more_streams() const;

 private:
  struct Source;
  FileReader(std::unique_ptr<Source> source, const ReadLimits& limits);
  std::unique_ptr<Source> m_source;
};

}  // namespace kbeat::audio
