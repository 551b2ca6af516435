// What the reader lets in, what it refuses, and that it trusts no header.
#include <fcntl.h>
#include <sndfile.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/file_reader.hpp"
#include "kbeat/base/error.hpp"
#include "synth.hpp"
#include "wave_file.hpp"

using namespace kbeat::audio;
using Catch::Matchers::Contains;

namespace {

constexpr int k_wav = SF_FORMAT_WAV | SF_FORMAT_PCM_16;

std::size_t count_samples(FileReader& reader) {
  std::size_t count = 0;
  for (auto block = reader.read(); !block.empty(); block = reader.read()) count += block.size();
  return count;
}

std::string refusal(const std::string& path, const ReadLimits& limits = {}) {
  try {
    auto reader = FileReader::from_path(path, limits);
    static_cast<void>(analyze(reader, {}));
  } catch (const kbeat::Error& error) {
    CHECK(error.code() == kbeat::ErrorCode::bad_input);
    return error.what();
  }
  return "accepted";
}

/// A WAV header of 44 bytes for one channel at 8 kHz, with the codec tag and data size given.
std::string wav_header(std::uint16_t tag, std::uint32_t data_size) {
  const auto little = [](std::uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
    return out;
  };
  return "RIFF" + little(data_size + 36, 4) + "WAVEfmt " + little(16, 4) + little(tag, 2) + little(1, 2) +
         little(8'000, 4) + little(16'000, 4) + little(2, 2) + little(16, 2) + "data" + little(data_size, 4);
}

}  // namespace

TEST_CASE("every allowed format is read with its channels, rate and name", "[audio][reader]") {
  const AudioFolder folder;
  const auto samples = synth::interleaved(synth::tone(440, 1, 0.5, 48'000), 2);
  struct Format {
    int format;
    const char* codec;
  };
  for (const Format& f :
       {Format{SF_FORMAT_WAV | SF_FORMAT_PCM_U8, "pcm_8"}, Format{k_wav, "pcm_16"},
        Format{SF_FORMAT_WAV | SF_FORMAT_PCM_24, "pcm_24"},
        Format{SF_FORMAT_WAVEX | SF_FORMAT_PCM_32, "pcm_32"},
        Format{SF_FORMAT_WAV | SF_FORMAT_FLOAT, "float_32"},
        Format{SF_FORMAT_AIFF | SF_FORMAT_PCM_16, "pcm_16"},
        Format{SF_FORMAT_AIFF | SF_FORMAT_FLOAT, "float_32"},
        Format{SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "flac"}, Format{SF_FORMAT_OGG | SF_FORMAT_VORBIS, "vorbis"},
        Format{SF_FORMAT_OGG | SF_FORMAT_OPUS, "opus"},
        Format{SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, "mp3"}}) {
    CAPTURE(f.codec);
    auto reader = FileReader::from_path(folder.write("tone", samples, 2, 48'000, f.format));
    CHECK(reader.info().codec == f.codec);
    CHECK(reader.info().channels == 2);
    CHECK(reader.info().sample_rate == 48'000);
    const Analysis found = analyze(reader, {});
    CHECK(found.core.duration == Approx(1).margin(0.06));
    CHECK(*found.core.rms_dbfs == Approx(-9.03).margin(0.5));
  }
}

TEST_CASE("clipping is found in eight bits, whose highest sample is 127/128", "[audio][reader]") {
  const AudioFolder folder;
  const auto runs = [&](const char* name, int format, float highest) {
    synth::Samples loud = synth::tone(100, 1, 1.5, 48'000);
    for (float& x : loud) x = std::clamp(x, -1.0F, highest);
    auto reader = FileReader::from_path(folder.write(name, loud, 1, 48'000, format));
    return analyze(reader, {}).core.clipped_runs;
  };
  CHECK(runs("8.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_U8, 1) == 200);
  CHECK(runs("8.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_S8, 1) == 200);
  CHECK(runs("16.wav", k_wav, 127.0F / 128) == 100);  // of 16 bits, these positive ones are below full scale
}

TEST_CASE("title and artist come from the tags", "[audio][reader]") {
  const AudioFolder folder;
  const auto path = folder.write("a.flac", synth::tone(440, 1, 0.5, 44'100), 1, 44'100,
                                 SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "A title");
  auto reader = FileReader::from_path(path);
  CHECK(reader.info().tags.title == "A title");
  CHECK(analyze(reader, {}).tags.title == "A title");
}

TEST_CASE("what is not audio is refused before a decoder sees it", "[audio][reader]") {
  const AudioFolder folder;
  CHECK_THAT(refusal(folder.write_bytes("empty.wav", "")), Contains("empty"));
  CHECK_THAT(refusal(folder.write_bytes("text.mp3", "no audio at all, just words")), Contains("not audio"));
  CHECK_THAT(refusal(folder.write_bytes("tag.mp3", std::string("ID3\3\0\0\0\0\0\5hello", 15))),
             Contains("ID3"));
  CHECK_THAT(refusal(folder.write_bytes("speex.ogg", "OggS" + std::string(300, '\0'))), Contains("Vorbis"));
  CHECK_THAT(refusal(folder.write_bytes("riff.wav", "RIFF....WAVEjunk")), Contains("format chunk"));
}

TEST_CASE("compressed WAV and AIFF never reach their decoders", "[audio][reader]") {
  const AudioFolder folder;
  CHECK_THAT(refusal(folder.write_bytes("ima.wav", wav_header(0x11, 64) + std::string(64, 'x'))),
             Contains("tag 17"));
  CHECK_THAT(refusal(folder.write_bytes("ms.wav", wav_header(2, 64) + std::string(64, 'x'))),
             Contains("tag 2"));
  const auto ulaw =
      folder.write("u.aiff", synth::tone(440, 1, 0.5, 8'000), 1, 8'000, SF_FORMAT_AIFF | SF_FORMAT_ULAW);
  CHECK_THAT(refusal(ulaw), Contains("compressed"));
  const auto au =
      folder.write("u.au", synth::tone(440, 1, 0.5, 8'000), 1, 8'000, SF_FORMAT_AU | SF_FORMAT_PCM_16);
  CHECK_THAT(refusal(au), Contains("this is an AU file") && Contains("FLAC"));
  const auto caf =
      folder.write("u.caf", synth::tone(440, 1, 0.5, 8'000), 1, 8'000, SF_FORMAT_CAF | SF_FORMAT_PCM_16);
  CHECK_THAT(refusal(caf), Contains("this is a CAF file") && Contains("FLAC"));
  const auto w64 =
      folder.write("u.w64", synth::tone(440, 1, 0.5, 8'000), 1, 8'000, SF_FORMAT_W64 | SF_FORMAT_PCM_16);
  CHECK_THAT(refusal(w64), Contains("this is a Wave64 file") && Contains("FLAC"));
  CHECK_THAT(
      refusal(folder.write_bytes("a.m4a", std::string("\0\0\0\x20", 4) + "ftypM4A " + "\xFF\xFB\x90\x44")),
      Contains("this is an MP4 file") && Contains("FLAC"));
}

TEST_CASE("rates and channel counts outside the limits are refused", "[audio][reader]") {
  const AudioFolder folder;
  const synth::Samples samples(36'000);
  CHECK_THAT(refusal(folder.write("slow.wav", samples, 1, 6'000, k_wav)), Contains("6000 Hz"));
  CHECK_THAT(refusal(folder.write("fast.wav", samples, 1, 384'000, k_wav)), Contains("384000 Hz"));
  CHECK_THAT(refusal(folder.write("many.wav", samples, 9, 44'100, k_wav)), Contains("9 channels"));
  CHECK(refusal(folder.write("eight.wav", samples, 8, 192'000, k_wav)) == "accepted");
}

TEST_CASE("a header that promises a hundred hours costs nothing", "[audio][reader]") {
  const AudioFolder folder;
  auto reader = FileReader::from_path(
      folder.write_bytes("promise.wav", wav_header(1, 0xFFFFFF00u) + std::string(16'000, '\1')));
  CHECK(count_samples(reader) == 8'000);
}

TEST_CASE("decoded frames are counted against the limit", "[audio][reader]") {
  const AudioFolder folder;
  const auto path =
      folder.write("long.flac", synth::Samples(8'000 * 30), 1, 8'000, SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  CHECK_THAT(refusal(path, {.max_seconds = 10}), Contains("longer than the limit of 10 s"));
  CHECK(refusal(path, {.max_seconds = 30}) == "accepted");
}

TEST_CASE("a truncated file is read as far as it goes and flagged", "[audio][reader]") {
  const AudioFolder folder;
  const auto whole = folder.write("whole.flac", synth::noise(10, 0.3, 44'100, 1), 1, 44'100,
                                  SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  const auto bytes = AudioFolder::bytes_of(whole);
  auto reader = FileReader::from_path(folder.write_bytes("half.flac", bytes.substr(0, bytes.size() / 2)));
  const Analysis found = analyze(reader, {});
  CHECK(found.core.duration == Approx(5).margin(0.5));
  CHECK(found.core.flags == std::vector<std::string>{"truncated"});
}

TEST_CASE("a WAV, AIFF or RF64 that lacks its end is flagged, one of unknown length is not",
          "[audio][reader]") {
  const AudioFolder folder;
  const auto flags_of = [&](const std::string& bytes) {
    auto reader = FileReader::from_path(folder.write_bytes("file", bytes));
    return analyze(reader, {}).core.flags;
  };
  const auto noise = synth::noise(2, 0.3, 8'000, 1);
  for (const int format : {k_wav, SF_FORMAT_AIFF | SF_FORMAT_PCM_24, SF_FORMAT_RF64 | SF_FORMAT_PCM_16}) {
    const auto bytes = AudioFolder::bytes_of(folder.write("whole", noise, 1, 8'000, format));
    CAPTURE(format);
    CHECK(flags_of(bytes).empty());
    CHECK(flags_of(bytes.substr(0, bytes.size() / 2)) == std::vector<std::string>{"truncated"});
  }
  for (const std::uint32_t unknown : {0xFFFFFFFFu, 0x7FFFF000u, 0x7FFFFF00u, 0x80000000u, 0xFFFFFFDBu})
    CHECK(flags_of(wav_header(1, unknown) + std::string(32'000, '\1')).empty());
}

TEST_CASE("an Ogg file that lacks its last page is flagged, and one with a second stream",
          "[audio][reader]") {
  const AudioFolder folder;
  const auto flags_of = [&](const std::string& bytes) {
    auto reader = FileReader::from_path(folder.write_bytes("file", bytes));
    return analyze(reader, {}).core.flags;
  };
  for (const int codec : {SF_FORMAT_VORBIS, SF_FORMAT_OPUS}) {
    const auto bytes = AudioFolder::bytes_of(
        folder.write("whole.ogg", synth::noise(10, 0.3, 48'000, 1), 1, 48'000, SF_FORMAT_OGG | codec));
    CAPTURE(codec);
    CHECK(flags_of(bytes).empty());
    CHECK(flags_of(bytes.substr(0, bytes.rfind("OggS"))) == std::vector<std::string>{"truncated"});
    CHECK(flags_of(bytes.substr(0, bytes.size() - 10)) == std::vector<std::string>{"truncated"});
    std::string second = bytes;
    for (auto at = second.find("OggS"); at != std::string::npos; at = second.find("OggS", at + 4))
      second[at + 14] = static_cast<char>(second[at + 14] ^ 1);
    for (const std::string& chained : {bytes + second, bytes + bytes, bytes + second + bytes})
      CHECK(flags_of(chained) == std::vector<std::string>{"more_streams"});
  }
}

TEST_CASE("MP3 files put together are read to the end of the last", "[audio][reader]") {
  const AudioFolder folder;
  const auto bytes = AudioFolder::bytes_of(folder.write("tone.mp3", synth::tone(440, 3, 0.5, 44'100), 1,
                                                        44'100, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III));
  const std::string old_tag = "TAG" + std::string(125, ' ');
  const std::string tag = std::string("ID3\4\0\0\0\0\x7F\x7F", 10) + std::string(16'383, '\0');
  for (const std::string& between : {std::string(), old_tag, tag, old_tag + tag}) {
    CAPTURE(between.size());
    auto reader = FileReader::from_path(folder.write_bytes("two.mp3", bytes + between + bytes));
    CHECK(analyze(reader, {}).core.duration == Approx(6).margin(0.2));
  }
  auto alone = FileReader::from_path(folder.write_bytes("one.mp3", bytes + old_tag));
  CHECK(analyze(alone, {}).core.duration == Approx(3).margin(0.01));
}

TEST_CASE("MPEG layer II, whose length nobody tells, is not taken for truncated", "[audio][reader]") {
  const AudioFolder folder;
  // Silent frames of one channel at 44.1 kHz, one of 32 kbit/s and then of 128: libmpg123 expects too many.
  std::string bytes = "\xFF\xFD\x10\xC0" + std::string(100, '\0');
  for (int i = 0; i < 100; ++i) bytes += "\xFF\xFD\x80\xC0" + std::string(413, '\0');
  auto reader = FileReader::from_path(folder.write_bytes("a.mp2", bytes));
  const CoreMetrics found = analyze(reader, {}).core;
  CHECK(found.codec == "mpeg");
  CHECK(found.duration > 2);
  CHECK(found.flags == std::vector<std::string>{"silent"});
}

TEST_CASE("each channel of Ogg weighs what it weighs in FLAC", "[audio][reader]") {
  const AudioFolder folder;
  // Where each channel of WAV lies in Vorbis, in whose order libsndfile writes and reads without a change.
  const std::vector<std::vector<std::size_t>> layouts{
      {0, 2, 1}, {0, 2, 1, 3, 4}, {0, 2, 1, 5, 3, 4}, {0, 2, 1, 6, 5, 3, 4}, {0, 2, 1, 7, 5, 6, 3, 4}};
  const auto tone = synth::tone(60, 2, 0.3, 48'000);
  const auto loudness = [&](std::size_t channel, std::size_t channels, int format) {
    synth::Samples samples(tone.size() * channels);
    for (std::size_t i = 0; i < tone.size(); ++i) samples[i * channels + channel] = tone[i];
    auto reader =
        FileReader::from_path(folder.write("file", samples, static_cast<int>(channels), 48'000, format));
    return analyze(reader, {}).core.lufs_integrated.value_or(-100);
  };
  for (const auto& layout : layouts)
    for (std::size_t c = 0; c < layout.size(); ++c) {
      const double flac = loudness(c, layout.size(), SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
      const bool lfe = flac == -100;
      CAPTURE(layout.size(), c, flac);
      for (const int codec : {SF_FORMAT_VORBIS, SF_FORMAT_OPUS}) {
        const double found = loudness(layout[c], layout.size(), SF_FORMAT_OGG | codec);
        // A lossy codec lets a little of one channel into others, the LFE's too.
        CHECK((lfe ? found < -50 : std::abs(found - flac) < 0.3));
      }
    }
}

TEST_CASE("a wrong extension does not matter and a large picture before the audio is skipped",
          "[audio][reader]") {
  const AudioFolder folder;
  const auto mp3 = folder.write("tone.wav", synth::tone(440, 2, 0.5, 44'100), 1, 44'100,
                                SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III);
  CHECK(FileReader::from_path(mp3).info().codec == "mp3");
  // Five megabytes: sizes in an ID3 tag are four times seven bits.
  const std::string picture(5u << 20, '\0');
  const std::string header{'I', 'D', '3', 4, 0, 0, 5 << 20 >> 21, (5 << 20 >> 14) & 127, (5 << 20 >> 7) & 127,
                           0};
  auto reader =
      FileReader::from_path(folder.write_bytes("picture.mp3", header + picture + AudioFolder::bytes_of(mp3)));
  CHECK(analyze(reader, {}).core.duration == Approx(2).margin(0.1));
}

TEST_CASE("zeros, text or half a frame before MP3 are stepped over, also behind an ID3 tag",
          "[audio][reader]") {
  const AudioFolder folder;
  const auto bytes = AudioFolder::bytes_of(folder.write("tone.mp3", synth::tone(440, 2, 0.5, 44'100), 1,
                                                        44'100, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III));
  const std::string tag{'I', 'D', '3', 4, 0, 0, 0, 0, 0, 4, 'T', 'I', 'T', '2'};
  for (const std::string& before :
       {std::string(1'000, '\0'), std::string("GET / HTTP/1.0"), bytes.substr(bytes.size() - 100),
        std::string("\xFF\xFB\x90 is a header alone"), tag + std::string(500, '\0')}) {
    CAPTURE(before.size());
    auto reader = FileReader::from_path(folder.write_bytes("before.mp3", before + bytes));
    CHECK(reader.info().codec == "mp3");
    CHECK(analyze(reader, {}).core.duration == Approx(2).margin(0.1));
  }
}

TEST_CASE("a descriptor is read from its start and left where it was", "[audio][reader]") {
  const AudioFolder folder;
  const auto path = folder.write("a.wav", synth::tone(440, 1, 0.5, 44'100), 1, 44'100, k_wav);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  REQUIRE(::lseek(descriptor, 1'000, SEEK_SET) == 1'000);
  auto reader = FileReader::from_descriptor(descriptor);
  CHECK(count_samples(reader) == 44'100);
  CHECK(::lseek(descriptor, 0, SEEK_CUR) == 1'000);
  ::close(descriptor);
}

TEST_CASE("a start and a length cut out a part whose times are those of the file", "[audio][reader]") {
  const AudioFolder folder;
  const synth::Drums truth{.bpm = 120, .first_beat = 0, .seconds = 40};
  auto reader = FileReader::from_path(folder.write("a.wav", synth::drums(truth), 1, 22'050, k_wav));
  AnalyzeOptions options;
  options.start = 10.2;
  options.length = 15;
  const Analysis found = analyze(reader, options);
  CHECK(found.core.duration == Approx(15).margin(0.001));
  REQUIRE(found.core.first_beat);
  CHECK(*found.core.first_beat == Approx(10.5).margin(0.02));
  CHECK(found.core.beats.back() < 25.21);
}
