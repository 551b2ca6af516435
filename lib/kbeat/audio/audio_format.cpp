// Which bytes may be handed to a decoder at all, told by their first bytes.
#include "kbeat/audio/audio_format.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "kbeat/audio/mpeg_frame.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_mpeg_search = 4096;  // bytes of junk before the first MPEG frame
[[noreturn]] void refuse(const std::string& what) {
  throw Error(ErrorCode::bad_input, what + "; " + std::string(k_readable_formats));
}

void check_wav(const ReadAt& read_at) {
  const auto body = find_chunk(read_at, "fmt ", ByteOrder::little);
  if (!body) refuse("this WAV file has no format chunk");
  const Bytes format(read_at, body->offset, 26);
  std::uint32_t tag = format.at(0) | format.at(1) << 8;
  // An extensible header carries the real tag in the first two bytes of its GUID.
  if (tag == 0xFFFE && format.size() == 26) tag = format.at(24) | format.at(25) << 8;
  constexpr std::uint32_t k_pcm = 1, k_float = 3;
  if (tag != k_pcm && tag != k_float)
    refuse("this WAV file holds compressed samples (codec tag " + std::to_string(tag) + ")");
}

void check_aiff(const ReadAt& read_at, bool compressed_form) {
  const auto body = find_chunk(read_at, "COMM", ByteOrder::big);
  if (!body) refuse("this AIFF file has no COMM chunk");
  if (!compressed_form) return;
  const Bytes common(read_at, body->offset, 22);
  constexpr std::array<std::string_view, 8> k_plain = {"NONE", "sowt", "twos", "in24",
                                                       "in32", "fl32", "FL32", "fl64"};
  if (std::none_of(k_plain.begin(), k_plain.end(), [&](auto name) { return common.has(18, name); }))
    refuse("this AIFF file holds compressed samples");
}

void check_ogg(const ReadAt& read_at) {
  const Bytes page(read_at, 0, 27 + 255 + 8);
  const std::size_t packet = 27 + page.at(26);
  if (!page.has(packet, "\x01vorbis") && !page.has(packet, "OpusHead"))
    refuse("this Ogg file holds neither Vorbis nor Opus");
}

bool is_mpeg_header(const Bytes& b, std::size_t i) {
  const bool sync = b.at(i) == 0xFF && (b.at(i + 1) & 0xE0) == 0xE0;
  const bool version_and_layer = (b.at(i + 1) & 0x18) != 0x08 && (b.at(i + 1) & 0x06) != 0;
  return sync && version_and_layer && (b.at(i + 2) >> 4) != 0xF && (b.at(i + 2) & 0x0C) != 0x0C;
}

bool starts_as_mpeg(const ReadAt& read_at, std::uint64_t offset) {
  const Bytes start(read_at, offset, k_mpeg_search);
  for (std::size_t i = 0; i + 4 <= start.size(); ++i)
    if (is_mpeg_header(start, i)) return true;
  return false;
}

/// Where the audio starts after an ID3v2 tag, whose size is four times seven bits.
std::uint64_t after_id3(const ReadAt& read_at) {
  const Bytes head(read_at, 0, 10);
  if (!head.has(0, "ID3")) return 0;
  return 10 + head.syncsafe32(6);
}

/// Containers that are often taken for one of ours, by what stands near their beginning.
void refuse_other_containers(const Bytes& head) {
  struct Container {
    std::size_t place;
    std::string_view mark, name;
  };
  constexpr std::array<Container, 7> k_others{{{4, "ftyp", "an MP4 file (M4A, AAC or ALAC)"},
                                               {0, "caff", "a CAF file"},
                                               {0, ".snd", "an AU file"},
                                               {0, "riff", "a Wave64 file"},
                                               {0, "\x1A\x45\xDF\xA3", "a Matroska or WebM file"},
                                               {0, "\x30\x26\xB2\x75", "a Windows Media file"},
                                               {0, "wvpk", "a WavPack file"}}};
  for (const Container& other : k_others)
    if (head.has(other.place, other.mark)) refuse("this is " + std::string(other.name));
}

}  // namespace

std::uint64_t check_audio_format(const ReadAt& read_at) {
  const std::uint64_t start = after_id3(read_at);
  const Bytes head(read_at, start, 12);
  if (head.size() == 0) refuse(start == 0 ? "the file is empty" : "the file ends within its ID3 tag");
  if (start == 0 && (head.has(0, "RIFF") || head.has(0, "RF64")) && head.has(8, "WAVE"))
    return check_wav(read_at), 0;
  if (start == 0 && head.has(0, "FORM") && (head.has(8, "AIFF") || head.has(8, "AIFC")))
    return check_aiff(read_at, head.has(8, "AIFC")), 0;
  if (start == 0 && head.has(0, "OggS")) return check_ogg(read_at), 0;
  if (head.has(0, "fLaC")) return 0;
  if (is_mpeg_header(head, 0)) return start;
  refuse_other_containers(head);
  if (starts_as_mpeg(read_at, start)) return find_mpeg_frame(read_at, start).value_or(0);
  refuse("this is not audio of a known kind");
}

std::string codec_name(int sndfile_format) {
  const auto pcm = [](int subtype) -> std::string {
    switch (subtype) {
      case SF_FORMAT_PCM_S8:
      case SF_FORMAT_PCM_U8: return "pcm_8";
      case SF_FORMAT_PCM_16: return "pcm_16";
      case SF_FORMAT_PCM_24: return "pcm_24";
      case SF_FORMAT_PCM_32: return "pcm_32";
      case SF_FORMAT_FLOAT: return "float_32";
      case SF_FORMAT_DOUBLE: return "float_64";
      default: return "";
    }
  };
  const int subtype = sndfile_format & SF_FORMAT_SUBMASK;
  switch (sndfile_format & SF_FORMAT_TYPEMASK) {
    case SF_FORMAT_WAV:
    case SF_FORMAT_WAVEX:
    case SF_FORMAT_RF64:
    case SF_FORMAT_AIFF: return pcm(subtype);
    case SF_FORMAT_FLAC: return "flac";
    case SF_FORMAT_OGG:
      return subtype == SF_FORMAT_VORBIS ? "vorbis" : subtype == SF_FORMAT_OPUS ? "opus" : "";
    case SF_FORMAT_MPEG: return subtype == SF_FORMAT_MPEG_LAYER_III ? "mp3" : "mpeg";
    default: return "";
  }
}

}  // namespace kbeat::audio
