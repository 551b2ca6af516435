// How long a file says that it is, by the sizes and marks of its container, for it may have been cut.
#include "kbeat/audio/container_length.hpp"

#include <algorithm>
#include <optional>

namespace kbeat::audio {
namespace {

/// Nothing, all ones, and what sox (0x7F000000 in AIFF, 0x7FFFF000 in WAV), arecord (0x7FFFFF00) and others
/// write into a pipe: a little under 2 or 4 GiB, rounded to whole frames.
bool is_placeholder(std::uint64_t size) {
  const bool near_two = size >= 0x7EFF'0000 && size <= 0x8000'0000;
  const bool near_four = size >= 0xFEFF'0000 && size <= 0xFFFF'FFFF;
  return size == 0 || near_two || near_four || size >= 1ull << 62;
}

std::uint64_t frames_in(std::uint64_t bytes, std::uint64_t bytes_a_frame) {
  return bytes_a_frame == 0 || is_placeholder(bytes) ? 0 : bytes / bytes_a_frame;
}

std::uint64_t wav_frames(const ReadAt& read_at) {
  constexpr std::uint32_t k_in_ds64 = 0xFFFF'FFFF;
  const auto format = find_chunk(read_at, "fmt ", ByteOrder::little);
  const auto data = find_chunk(read_at, "data", ByteOrder::little);
  if (!format || !data) return 0;
  const Bytes body(read_at, format->offset, 16);
  const std::uint32_t bytes_a_frame = body.at(12) | body.at(13) << 8;
  std::uint64_t size = data->size;
  const auto large = find_chunk(read_at, "ds64", ByteOrder::little);
  if (size == k_in_ds64 && large) {
    const Bytes sizes(read_at, large->offset, 16);
    size = sizes.little32(8) | static_cast<std::uint64_t>(sizes.little32(12)) << 32;
  }
  return frames_in(size, bytes_a_frame);
}

std::uint64_t aiff_frames(const ReadAt& read_at) {
  constexpr std::uint64_t k_before_samples = 8;
  const auto common = find_chunk(read_at, "COMM", ByteOrder::big);
  const auto sound = find_chunk(read_at, "SSND", ByteOrder::big);
  if (!common || !sound || sound->size < k_before_samples) return 0;
  const Bytes body(read_at, common->offset, 8);
  const std::uint32_t channels = body.at(0) << 8 | body.at(1), bits = body.at(6) << 8 | body.at(7);
  return frames_in(sound->size - k_before_samples, std::uint64_t{channels} * ((bits + 7) / 8));
}

constexpr std::size_t k_page_head = 27;

/// Bytes of the Ogg page that begins at `i`, by its table of segments.
std::size_t page_size(const Bytes& bytes, std::size_t i) {
  const std::size_t segments = bytes.at(i + 26);
  std::size_t size = k_page_head + segments;
  for (std::size_t segment = 0; segment < segments; ++segment) size += bytes.at(i + k_page_head + segment);
  return size;
}

/// Whether a stream begins behind the pages that begin the first ones, as in files that were put together.
bool begins_again(const ReadAt& read_at, std::uint64_t file_size) {
  constexpr int k_most_pages = 1'000'000;
  constexpr std::size_t k_longest_table = 255;
  bool past_beginning = false;
  std::uint64_t offset = 0;
  for (int i = 0; i < k_most_pages && offset < file_size; ++i) {
    const Bytes page(read_at, offset, k_page_head + k_longest_table);
    if (!page.has(0, "OggS")) return false;
    const bool begins = (page.at(5) & 2) != 0;
    if (begins && past_beginning) return true;
    past_beginning = past_beginning || !begins;
    offset += page_size(page, 0);
  }
  return false;
}

/// The last page of the file, which at least begins in it.
struct LastPage {
  std::uint32_t stream = 0;
  bool whole = false, marked_last = false;
};

std::optional<LastPage> last_page(const ReadAt& read_at, std::uint64_t file_size) {
  constexpr std::size_t k_longest_page = 65'307;
  const std::uint64_t first = file_size - std::min<std::uint64_t>(file_size, 2 * k_longest_page);
  const Bytes end(read_at, first, 2 * k_longest_page);
  for (std::size_t i = end.size() - std::min(end.size(), k_page_head); i > 0; --i) {
    if (!end.has(i, std::string_view("OggS\0", 5))) continue;
    return LastPage{end.little32(i + 14), i + page_size(end, i) <= end.size(), (end.at(i + 5) & 4) != 0};
  }
  return std::nullopt;
}

Promise ogg_promise(const ReadAt& read_at, std::uint64_t file_size) {
  const Bytes first(read_at, 0, 18);
  const auto last = last_page(read_at, file_size);
  if (!last) return {.frames = 0, .cut = true, .more_streams = false};
  return {.frames = 0,
          .cut = !last->whole || !last->marked_last,
          .more_streams = last->stream != first.little32(14) || begins_again(read_at, file_size)};
}

}  // namespace

Promise promise_of(const ReadAt& read_at, std::uint64_t file_size) {
  const Bytes head(read_at, 0, 12);
  if (head.has(0, "OggS")) return ogg_promise(read_at, file_size);
  Promise promise;
  if (head.has(8, "WAVE")) promise.frames = wav_frames(read_at);
  if (head.has(8, "AIFF") || head.has(8, "AIFC")) promise.frames = aiff_frames(read_at);
  return promise;
}

}  // namespace kbeat::audio
