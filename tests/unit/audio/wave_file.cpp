// Audio files made for a test, in a folder of its own that goes away with it.
#include "wave_file.hpp"

#include <sndfile.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "kbeat/base/handle.hpp"

namespace kbeat::audio {

AudioFolder::AudioFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "kbeat-audio-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("cannot make a folder for the test's audio");
  m_path = name;
}

AudioFolder::~AudioFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(m_path, ignored);
}

std::string AudioFolder::write(const std::string& name, const std::vector<float>& samples, int channels,
                               int rate, int format, const std::string& title) const {
  const std::string path = (m_path / name).string();
  SF_INFO info{};
  info.channels = channels;
  info.samplerate = rate;
  info.format = format;
  const Handle<SNDFILE, sf_close> file(sf_open(path.c_str(), SFM_WRITE, &info));
  if (!file) throw std::runtime_error("cannot write " + path + ": " + sf_strerror(nullptr));
  if (!title.empty()) sf_set_string(file.get(), SF_STR_TITLE, title.c_str());
  const auto count = static_cast<sf_count_t>(samples.size());
  if (sf_write_float(file.get(), samples.data(), count) != count)
    throw std::runtime_error("short write to " + path);
  return path;
}

std::string AudioFolder::write_bytes(const std::string& name, const std::string& bytes) const {
  const std::string path = (m_path / name).string();
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string AudioFolder::bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

}  // namespace kbeat::audio
