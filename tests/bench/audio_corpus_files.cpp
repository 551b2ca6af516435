// Writes items of the synthesised corpus as WAV files with their beats and a table of truths beside them, so
// that any tool can be scored on them: `audio_corpus_files FOLDER FIRST COUNT`.
#include <fmt/os.h>
#include <sndfile.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "corpus.hpp"
#include "kbeat/audio/key.hpp"

namespace {

using namespace kbeat::audio;

bool write_wave(const std::string& path, const std::vector<float>& samples) {
  SF_INFO info{};
  info.samplerate = static_cast<int>(corpus::k_rate);
  info.channels = 1;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_WRITE, &info), sf_close);
  const auto count = static_cast<sf_count_t>(samples.size());
  return file && sf_write_float(file.get(), samples.data(), count) == count;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: audio_corpus_files FOLDER FIRST COUNT\n");
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  const auto first = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const auto count = static_cast<std::uint32_t>(std::atoi(argv[3]));
  std::filesystem::create_directories(folder);
  auto table = fmt::output_file((folder / "truth.tsv").string());
  table.print("path\tbpm\tkey\tbeats_file\tsource\n");
  for (std::uint32_t i = first; i < first + count; ++i) {
    const corpus::Item item = corpus::make_item(i);
    const std::string name = fmt::format("{}_{}", item.style, i);
    if (!write_wave((folder / (name + ".wav")).string(), item.samples)) {
      fmt::print(stderr, "{}: cannot be written\n", name);
      return 1;
    }
    if (item.bpm <= 0 && item.tonic < 0) continue;
    auto beats = fmt::output_file((folder / (name + ".beats")).string());
    for (const double beat : item.beats) beats.print("{:.4f}\n", beat);
    table.print("{0}.wav\t{1}\t{2}\t{0}.beats\t{3}\n", name,
                item.bpm > 0 ? fmt::format("{:.4f}", item.bpm) : "",
                item.tonic < 0 ? "" : key_name({item.tonic, item.minor}), item.style);
  }
}
