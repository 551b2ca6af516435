// Finds the comments in their containers and reads the few that matter.
#include "kbeat/audio/vorbis_comments.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "kbeat/audio/tag_values.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_max_comments = 1 << 20;
constexpr std::array<std::pair<std::string_view, TagName>, 7> k_names{{{"TITLE", TagName::title},
                                                                       {"ARTIST", TagName::artist},
                                                                       {"BPM", TagName::bpm},
                                                                       {"TEMPO", TagName::bpm},
                                                                       {"INITIALKEY", TagName::key},
                                                                       {"INITIAL_KEY", TagName::key},
                                                                       {"KEY", TagName::key}}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

void add_comment(std::string_view comment, Tags& tags) {
  const std::size_t equals = comment.find('=');
  if (equals == std::string_view::npos) return;
  const std::string name = upper(comment.substr(0, equals));
  for (const auto& [known, meaning] : k_names) {
    if (name == known) set_tag(tags, meaning, comment.substr(equals + 1));
  }
}

/// Vendor, count, then the comments, each after its length.
void add_comments(const Bytes& bytes, std::size_t offset, Tags& tags) {
  const auto step_over = [&](std::size_t length) { offset += 4 + std::min(length, bytes.size()); };
  step_over(bytes.little32(offset));
  const std::size_t count = bytes.little32(offset);
  offset += 4;
  for (std::size_t i = 0; i < count && offset < bytes.size(); ++i) {
    const std::size_t length = bytes.little32(offset);
    add_comment(bytes.text(offset + 4, length), tags);
    step_over(length);
  }
}

/// The second packet of an Ogg file, whose first page holds the first.
std::vector<std::uint8_t> comment_packet(const ReadAt& read_at) {
  const Bytes first(read_at, 0, 27 + 255);
  std::uint64_t offset = 27 + first.at(26);
  for (std::size_t i = 0; i < first.at(26); ++i) offset += first.at(27 + i);
  std::vector<std::uint8_t> packet;
  while (packet.size() < k_max_comments) {
    const Bytes page(read_at, offset, 27 + 255 + 255 * 255);
    if (!page.has(0, "OggS")) return packet;
    const std::size_t segments = page.at(26);
    std::size_t body = 27 + segments;
    for (std::size_t i = 0; i < segments; ++i) {
      const std::size_t length = page.at(27 + i);
      const std::string_view bytes = page.text(body, length);
      packet.insert(packet.end(), bytes.begin(), bytes.end());
      body += length;
      if (length < 255) return packet;
    }
    offset += body;
  }
  return packet;
}

}  // namespace

void add_flac_comments(const ReadAt& read_at, Tags& tags) {
  constexpr int k_max_blocks = 128;
  constexpr std::uint32_t k_vorbis_comment = 4;
  std::uint64_t offset = 4;
  for (int n = 0; n < k_max_blocks; ++n) {
    const Bytes head(read_at, offset, 4);
    const std::uint32_t size = head.big32(0) & 0xFF'FFFF;
    if (head.size() == 4 && (head.at(0) & 0x7F) == k_vorbis_comment) {
      return add_comments(Bytes(read_at, offset + 4, std::min<std::size_t>(size, k_max_comments)), 0, tags);
    }
    const bool last = (head.at(0) & 0x80) != 0;
    if (head.size() < 4 || last) return;
    offset += 4 + size;
  }
}

void add_ogg_comments(const ReadAt& read_at, Tags& tags) {
  const Bytes packet(comment_packet(read_at));
  constexpr std::string_view k_vorbis = "\x03vorbis";
  constexpr std::string_view k_opus = "OpusTags";
  if (packet.has(0, k_vorbis)) add_comments(packet, k_vorbis.size(), tags);
  if (packet.has(0, k_opus)) add_comments(packet, k_opus.size(), tags);
}

}  // namespace kbeat::audio
