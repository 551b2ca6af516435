// Trims, decodes and cuts.
#include "kbeat/audio/tag_text.hpp"

#include <algorithm>
#include <cstddef>

#include "kbeat/base/escape.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_longest = 500;  // bytes shown of a tag

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_blank(" \t\r\n\0", 5);
  text.remove_prefix(std::min(text.find_first_not_of(k_blank), text.size()));
  return text.substr(0, text.find_last_not_of(k_blank) + 1);
}

/// Not longer than what is shown; a character of UTF-8 is not cut.
std::string_view beginning(std::string_view text) {
  if (text.size() <= k_longest) return text;
  constexpr std::size_t k_longest_character = 4;
  std::size_t end = k_longest;
  const auto continues = [&](std::size_t i) { return (text[i] & 0xC0) == 0x80; };
  while (end > k_longest - k_longest_character && continues(end)) --end;
  return text.substr(0, end);
}

}  // namespace

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xE0 | code >> 12);
    } else {
      put(0xF0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3F));
    }
    put(0x80 | (code >> 6 & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) append_utf8(text, static_cast<unsigned char>(c));
  return text;
}

std::string tag_text(std::string_view bytes) {
  const std::string_view shown = beginning(trimmed(bytes));
  return is_utf8(shown) ? std::string(shown) : clean_utf8(from_latin1(shown), k_longest);
}

}  // namespace kbeat::audio
