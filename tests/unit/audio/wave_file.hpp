// Audio files made for a test, in a folder of its own that goes away with it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace kbeat::audio {

class AudioFolder {
 public:
  AudioFolder();
  ~AudioFolder();
  AudioFolder(const AudioFolder&) = delete;
  AudioFolder& operator=(const AudioFolder&) = delete;

  /// Writes the samples by libsndfile; `format` is its format, such as SF_FORMAT_WAV | SF_FORMAT_PCM_16.
  std::string write(const std::string& name, const std::vector<float>& samples, int channels, int rate,
                    int format, const std::string& title = "") const;
  std::string write_bytes(const std::string& name, const std::string& bytes) const;
  [[nodiscard]] static std::string bytes_of(const std::string& path);

 private:
  std::filesystem::path m_path;
};

}  // namespace kbeat::audio
