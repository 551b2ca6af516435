// Steps from frame to frame and reads the few that matter.
#include "kbeat/audio/id3_tags.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/audio/tag_text.hpp"
#include "kbeat/audio/tag_values.hpp"

namespace kbeat::audio {
namespace {

constexpr int k_max_frames = 256;
constexpr std::size_t k_max_text = 2048;  // bytes of a frame that are looked at
constexpr std::size_t k_max_whole = 1 << 20;

/// Frame names of version 2.2, and of 2.3 and 2.4.
constexpr std::array<std::pair<std::string_view, TagName>, 8> k_frames{{{"TT2", TagName::title},
                                                                        {"TP1", TagName::artist},
                                                                        {"TBP", TagName::bpm},
                                                                        {"TKE", TagName::key},
                                                                        {"TIT2", TagName::title},
                                                                        {"TPE1", TagName::artist},
                                                                        {"TBPM", TagName::bpm},
                                                                        {"TKEY", TagName::key}}};

std::string from_utf16(std::string_view bytes, ByteOrder order) {
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    if (i + 1 >= bytes.size()) return 0;
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto second = static_cast<unsigned char>(bytes[i + 1]);
    return order == ByteOrder::big ? static_cast<std::uint32_t>(first << 8 | second)
                                   : static_cast<std::uint32_t>(second << 8 | first);
  };
  std::string text;
  for (std::size_t i = 0; std::uint32_t code = unit(i); i += 2) {
    const std::uint32_t low = unit(i + 2);
    if (code >= 0xD800 && code < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    append_utf8(text, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
  }
  return text;
}

/// A text frame's content: the first byte names the encoding.
std::string text_of(std::string_view content) {
  if (content.empty()) return "";
  const std::string_view bytes = content.substr(1);
  switch (content[0]) {
    case 0: return from_latin1(bytes.substr(0, bytes.find('\0')));
    case 1:
      return bytes.starts_with("\xFF\xFE")
                 ? from_utf16(bytes.substr(2), ByteOrder::little)
                 : from_utf16(bytes.substr(bytes.starts_with("\xFE\xFF") ? 2 : 0), ByteOrder::big);
    case 2: return from_utf16(bytes, ByteOrder::big);
    case 3: return std::string(bytes.substr(0, bytes.find('\0')));
    default: return "";
  }
}

/// One version's layout of frames.
struct Layout {
  std::size_t name = 4, head = 10;
  bool syncsafe_sizes = false;

  explicit Layout(std::uint32_t version) : syncsafe_sizes(version == 4) {
    if (version == 2) name = 3, head = 6;
  }
  [[nodiscard]] std::uint64_t size_of(const Bytes& frame) const {
    if (name == 3) return frame.at(3) << 16 | frame.at(4) << 8 | frame.at(5);
    return syncsafe_sizes ? frame.syncsafe32(4) : frame.big32(4);
  }
};

void add_frames(const ReadAt& read_at, std::uint64_t offset, std::uint64_t end, const Layout& layout,
                Tags& tags) {
  for (int n = 0; n < k_max_frames && offset + layout.head <= end; ++n) {
    const Bytes frame(read_at, offset, layout.head);
    if (frame.size() < layout.head || frame.at(0) == 0) return;
    const std::uint64_t size = layout.size_of(frame);
    offset += layout.head;
    for (const auto& [name, meaning] : k_frames) {
      if (name.size() != layout.name || !frame.has(0, name)) continue;
      const Bytes content(read_at, offset,
                          static_cast<std::size_t>(std::min<std::uint64_t>(size, k_max_text)));
      set_tag(tags, meaning, text_of(content.text(0, content.size())));
    }
    offset += size;
  }
}

/// The tag without the zero bytes that keep decoders from finding a frame in it.
std::vector<std::uint8_t> resynchronised(const Bytes& tag) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < tag.size(); ++i) {
    bytes.push_back(static_cast<std::uint8_t>(tag.at(i)));
    if (tag.at(i) == 0xFF && tag.at(i + 1) == 0) ++i;
  }
  return bytes;
}

}  // namespace

void add_id3_tags(const ReadAt& read_at, std::uint64_t offset, Tags& tags) {
  const Bytes head(read_at, offset, 14);
  const std::uint32_t version = head.at(3);
  if (head.size() < 14 || !head.has(0, "ID3") || version < 2 || version > 4) return;
  const std::uint32_t flags = head.at(5);
  std::uint64_t first = offset + 10;
  const std::uint64_t end = first + head.syncsafe32(6);
  if ((flags & 0x40) != 0 && version > 2) first += version == 4 ? head.syncsafe32(10) : head.big32(10) + 4;
  if ((flags & 0x80) == 0 || version == 4) return add_frames(read_at, first, end, Layout(version), tags);
  const std::uint64_t size = std::min<std::uint64_t>(end - std::min(first, end), k_max_whole);
  const Bytes whole(resynchronised(Bytes(read_at, first, static_cast<std::size_t>(size))));
  const ReadAt read_whole = [&whole](std::uint64_t from, std::span<std::uint8_t> into) {
    const std::string_view text = whole.text(static_cast<std::size_t>(from), into.size());
    std::copy(text.begin(), text.end(), into.begin());
    return text.size();
  };
  add_frames(read_whole, 0, whole.size(), Layout(version), tags);
}

}  // namespace kbeat::audio
