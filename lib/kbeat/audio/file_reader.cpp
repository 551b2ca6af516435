// Reads audio from an open descriptor or a path, block by block, trusting nothing its header says.
#include "kbeat/audio/file_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "kbeat/audio/audio_format.hpp"
#include "kbeat/audio/channel_order.hpp"
#include "kbeat/audio/container_length.hpp"
#include "kbeat/audio/mpeg_frame.hpp"
#include "kbeat/audio/tag_values.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/handle.hpp"

namespace kbeat::audio {
namespace {

constexpr int k_min_rate = 8'000, k_max_rate = 192'000, k_max_channels = 8;

std::size_t pread_fully(int descriptor, std::uint64_t offset, std::span<std::uint8_t> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t n =
        ::pread(descriptor, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

/// A descriptor as libsndfile's virtual file: a position of our own over pread. Decoders of MP3 read a
/// frame's header, then its body: a window over the file saves thousands of system calls.
struct VirtualFile {
  int descriptor = -1;
  sf_count_t size = 0, position = 0;
  sf_count_t first = 0;  ///< byte of the descriptor that is the file's first, behind what is put before it
  std::vector<std::uint8_t> before{};
  std::vector<std::uint8_t> window;
  sf_count_t window_start = 0;

  static constexpr std::size_t k_window = 65'536;

  std::size_t read_at(sf_count_t offset, std::span<std::uint8_t> into) const {
    const auto length = std::ssize(before);
    if (offset >= length)
      return pread_fully(descriptor, static_cast<std::uint64_t>(first + offset - length), into);
    const auto count = std::min(into.size(), static_cast<std::size_t>(length - offset));
    std::copy_n(before.begin() + offset, count, into.begin());
    return count + pread_fully(descriptor, static_cast<std::uint64_t>(first), into.subspan(count));
  }

  /// Moves the window when what is wanted does not lie in it whole.
  std::span<const std::uint8_t> look(sf_count_t offset, std::size_t count) {
    const auto holds = [&] {
      return offset >= window_start &&
             offset + static_cast<sf_count_t>(count) <= window_start + std::ssize(window);
    };
    if (!holds()) {
      window.resize(k_window);
      window_start = offset;
      window.resize(read_at(offset, window));
    }
    const auto from = static_cast<std::size_t>(offset - window_start);
    return std::span<const std::uint8_t>(window).subspan(from, std::min(count, window.size() - from));
  }
};

sf_count_t virtual_size(void* user) {
  return static_cast<VirtualFile*>(user)->size;
}

sf_count_t virtual_seek(sf_count_t offset, int whence, void* user) {
  auto* file = static_cast<VirtualFile*>(user);
  const sf_count_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file->position : file->size;
  const sf_count_t target = offset > file->size - base ? file->size : base + offset;
  if (target < 0) return -1;
  file->position = target;
  return target;
}

sf_count_t virtual_read(void* into, sf_count_t count, void* user) {
  auto* file = static_cast<VirtualFile*>(user);
  if (count <= 0) return 0;
  const std::span<std::uint8_t> bytes(static_cast<std::uint8_t*>(into), static_cast<std::size_t>(count));
  std::size_t n = 0;
  if (bytes.size() >= VirtualFile::k_window) {
    n = file->read_at(file->position, bytes);
  } else {
    const auto seen = file->look(file->position, bytes.size());
    std::copy(seen.begin(), seen.end(), bytes.begin());
    n = seen.size();
  }
  file->position += static_cast<sf_count_t>(n);
  return static_cast<sf_count_t>(n);
}

sf_count_t virtual_write(const void*, sf_count_t, void*) {
  return 0;
}

sf_count_t virtual_tell(void* user) {
  return static_cast<VirtualFile*>(user)->position;
}

VirtualFile open_virtual(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0)
    throw Error(ErrorCode::io,
                fmt::format("cannot look at the audio's descriptor: {}", std::strerror(errno)));
  if (!S_ISREG(status.st_mode))
    throw Error(ErrorCode::bad_input,
                "audio can only be read from a regular file; save the stream to one first");
  VirtualFile file;
  file.descriptor = descriptor;
  file.size = static_cast<sf_count_t>(status.st_size);
  return file;
}

std::string text_tag(SNDFILE* file, int which) {
  const char* text = sf_get_string(file, which);
  return text == nullptr ? "" : text;
}

}  // namespace

struct FileReader::Source {
  VirtualFile file;
  int owned_descriptor = -1;
  Handle<SNDFILE, sf_close> decoder;
  AudioInfo info;
  sf_count_t promised_frames = 0, decoded_frames = 0, max_frames = 0;
  std::size_t skipped_into_block = 0;  ///< samples of the block that skip() left to be read
  std::size_t block_samples = 0;
  std::vector<float> block;
  bool at_end = false, in_vorbis_order = false;
  Promise promise;
  double max_seconds = 0;

  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    decoder.reset();
    if (owned_descriptor >= 0) ::close(owned_descriptor);
  }

  void open_decoder() {
    const ReadAt read_at = [this](std::uint64_t offset, std::span<std::uint8_t> into) {
      return pread_fully(file.descriptor, offset, into);
    };
    file.first = static_cast<sf_count_t>(check_audio_format(read_at));
    in_vorbis_order = has_vorbis_order(read_at);
    promise = promise_of(read_at, static_cast<std::uint64_t>(file.size));
    MpegStart start = mpeg_start(read_at, static_cast<std::uint64_t>(file.first));
    file.first = static_cast<sf_count_t>(start.first);
    file.before = std::move(start.length_tag);
    file.size += std::ssize(file.before) - file.first;
    info.tags = read_tags(read_at);
    SF_VIRTUAL_IO io{virtual_size, virtual_seek, virtual_read, virtual_write, virtual_tell};
    SF_INFO header{};
    decoder.reset(sf_open_virtual(&io, SFM_READ, &header, &file));
    if (!decoder)
      throw Error(ErrorCode::bad_input, fmt::format("the audio cannot be decoded ({}); {}",
                                                    sf_strerror(nullptr), k_readable_formats));
    accept(header);
  }

  void accept(const SF_INFO& header) {
    info.codec = codec_name(header.format);
    if (info.codec.empty())
      throw Error(ErrorCode::bad_input,
                  "the audio's codec is not one of those allowed; " + std::string(k_readable_formats));
    if (header.channels < 1 || header.channels > k_max_channels)
      throw Error(ErrorCode::bad_input, fmt::format("the audio has {} channels; 1 to {} can be read",
                                                    header.channels, k_max_channels));
    if (header.samplerate < k_min_rate || header.samplerate > k_max_rate)
      throw Error(ErrorCode::bad_input,
                  fmt::format("the audio's sample rate is {} Hz; {} to {} Hz can be read", header.samplerate,
                              k_min_rate, k_max_rate));
    info.sample_rate = header.samplerate;
    info.channels = header.channels;
    const int numbers = header.format & SF_FORMAT_SUBMASK;
    if (numbers == SF_FORMAT_PCM_S8 || numbers == SF_FORMAT_PCM_U8) info.full_scale = 127.0 / 128;
    set_tag(info.tags, TagName::title, text_tag(decoder.get(), SF_STR_TITLE));
    set_tag(info.tags, TagName::artist, text_tag(decoder.get(), SF_STR_ARTIST));
    promised_frames = std::max(header.frames, static_cast<sf_count_t>(promise.frames));
    // The length of layers I and II is a guess of libmpg123's.
    if (info.codec == "mpeg") promised_frames = 0;
    // Float samples over full scale are what they are; integers are scaled to ±1.
    sf_command(decoder.get(), SFC_SET_NORM_FLOAT, nullptr, SF_TRUE);
  }

  /// Fills the block; false at the end.
  bool next_block() {
    if (at_end) return false;
    const sf_count_t frames = sf_readf_float(decoder.get(), block.data(), k_block_frames);
    if (frames <= 0) {
      at_end = true;
      return false;
    }
    decoded_frames += frames;
    if (decoded_frames > max_frames)
      throw Error(ErrorCode::bad_input,
                  fmt::format("the audio is longer than the limit of {} s", max_seconds));
    const auto channels = static_cast<std::size_t>(info.channels);
    block_samples = static_cast<std::size_t>(frames) * channels;
    if (in_vorbis_order) from_vorbis_order(std::span(block).first(block_samples), channels);
    return true;
  }
};

FileReader::FileReader(std::unique_ptr<Source> source, const ReadLimits& limits)
    : m_source(std::move(source)) {
  m_source->open_decoder();
  m_source->max_seconds = limits.max_seconds;
  m_source->max_frames =
      static_cast<sf_count_t>(std::llround(limits.max_seconds * m_source->info.sample_rate));
  m_source->block.resize(k_block_frames * static_cast<std::size_t>(m_source->info.channels));
}

FileReader FileReader::from_descriptor(int descriptor, const ReadLimits& limits) {
  auto source = std::make_unique<Source>();
  source->file = open_virtual(descriptor);
  return {std::move(source), limits};
}

FileReader FileReader::from_path(const std::string& path, const ReadLimits& limits) {
  auto source = std::make_unique<Source>();
  source->owned_descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (source->owned_descriptor < 0)
    throw Error(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io,
                fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  source->file = open_virtual(source->owned_descriptor);
  return {std::move(source), limits};
}

FileReader::FileReader(FileReader&&) noexcept = default;
FileReader& FileReader::operator=(FileReader&&) noexcept = default;
FileReader::~FileReader() = default;

const AudioInfo& FileReader::info() const {
  return m_source->info;
}

std::span<float> FileReader::read() {
  if (m_source->skipped_into_block == 0 && !m_source->next_block()) return {};
  const std::size_t first = std::exchange(m_source->skipped_into_block, 0);
  return std::span<float>(m_source->block).subspan(first, m_source->block_samples - first);
}

void FileReader::skip(double seconds) {
  auto left = std::llround(std::max(0.0, seconds) * m_source->info.sample_rate);
  while (left > 0 && m_source->next_block()) {
    const auto channels = static_cast<std::size_t>(m_source->info.channels);
    const auto frames = static_cast<long long>(m_source->block_samples / channels);
    if (left < frames) m_source->skipped_into_block = static_cast<std::size_t>(left) * channels;
    left -= frames;
  }
}

bool FileReader::truncated() const {
  const bool short_of_promise =
      m_source->promised_frames > m_source->decoded_frames && m_source->promised_frames != SF_COUNT_MAX;
  return m_source->at_end && (short_of_promise || m_source->promise.cut);
}

bool FileReader::has_more_streams() const {
  return m_source->promise.more_streams;
}

}  // namespace kbeat::audio
