// UTF-8 checks and the escaping of untrusted text.
#include "kbeat/base/escape.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace kbeat {
namespace {

/// One decoded character; `length` 0 means that the byte at the front starts no valid sequence.
struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;
};

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  constexpr char32_t k_smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < k_smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

bool is_bidi_mark(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
         code == 0x200F;
}

bool is_steering(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || is_bidi_mark(code);
}

void append_visible(std::string& out, std::string_view character, Decoded decoded) {
  if (decoded.length == 0) {
    fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<std::uint8_t>(character.front()));
  } else if (decoded.code == '\n') {
    out += "\\n";
  } else if (decoded.code == '\t') {
    out += "\\t";
  } else if (is_steering(decoded.code)) {
    const auto code = static_cast<unsigned>(decoded.code);
    code < 0x80 ? fmt::format_to(std::back_inserter(out), "\\x{:02x}", code)
                : fmt::format_to(std::back_inserter(out), "\\u{{{:04x}}}", code);
  } else {
    out += character;
  }
}

static_assert(std::endian::native == std::endian::little, "a word's first byte has to be its lowest");

constexpr std::size_t k_json_piece = 4096;
constexpr std::size_t k_longest_escape = 6;  ///< \u00XX

/// A word whose bytes are all `byte`.
constexpr std::uint64_t every_byte(std::uint8_t byte) {
  return 0x0101010101010101u * byte;
}

/// The top bit of each byte that a JSON string cannot have as it is: below 0x20, a quote, a backslash, DEL.
/// Bytes above the first such one may be marked falsely (Mycroft's test for a zero byte borrows upwards).
std::uint64_t special_bytes(std::uint64_t word) {
  const auto zeros = [](std::uint64_t bytes) { return (bytes - every_byte(1)) & ~bytes; };
  const std::uint64_t control = (word - every_byte(0x20)) & ~word;
  return (control | zeros(word ^ every_byte('"')) | zeros(word ^ every_byte('\\')) |
          zeros(word ^ every_byte(0x7F))) &
         every_byte(0x80);
}

/// Writes the escape of one byte that needs it, and returns its end.
char* write_escape(char* to, char c) {
  constexpr char k_hex[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
    case '"':
    case '\\': *to++ = c; return to;
    case '\n': *to++ = 'n'; return to;
    case '\r': *to++ = 'r'; return to;
    case '\t': *to++ = 't'; return to;
    default: break;
  }
  const auto byte = static_cast<std::uint8_t>(c);
  for (const char digit : {'u', '0', '0', k_hex[byte >> 4], k_hex[byte & 15]}) *to++ = digit;
  return to;
}

/// At most k_json_piece bytes, eight at a time: they are copied before it is known how many of them count.
void append_json_piece(std::string& out, std::string_view text) {
  constexpr std::size_t k_word = sizeof(std::uint64_t);
  const std::size_t before = out.size();
  out.resize(before + text.size() * k_longest_escape + k_word);
  char* to = out.data() + before;
  const char* from = text.data();
  const char* const end = from + text.size();
  while (from < end) {
    const std::size_t left = std::min(k_word, static_cast<std::size_t>(end - from));
    std::uint64_t word = 0;
    std::memcpy(&word, from, left);
    std::memcpy(to, &word, k_word);
    const auto clean = static_cast<std::size_t>(std::countr_zero(special_bytes(word))) / 8;
    if (clean >= left) {
      from += left;
      to += left;
    } else {
      to = write_escape(to + clean, from[clean]);
      from += clean + 1;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

}  // namespace

bool is_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

std::string escape_for_terminal(std::string_view text, std::size_t limit) {
  std::string out;
  std::string_view rest = text.substr(0, limit);
  while (!rest.empty()) {
    const Decoded decoded = decode(rest);
    const std::size_t used = decoded.length == 0 ? 1 : decoded.length;
    append_visible(out, rest.substr(0, used), decoded);
    rest.remove_prefix(used);
  }
  if (text.size() > limit) out += "…";
  return out;
}

std::string escape_steering(std::string_view lines) {
  std::string out;
  out.reserve(lines.size());
  while (!lines.empty()) {
    const Decoded decoded = decode(lines);
    const std::size_t used = decoded.length == 0 ? 1 : decoded.length;
    if (decoded.length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<std::uint8_t>(lines.front()));
    } else if (is_steering(decoded.code) && decoded.code != '\n' && decoded.code != '\t') {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(decoded.code));
    } else {
      out += lines.substr(0, used);
    }
    lines.remove_prefix(used);
  }
  return out;
}

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, clean_utf8(text, text.size() * 3));
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (text.size() > k_json_piece) {
    append_json_piece(out, text.substr(0, k_json_piece));
    text.remove_prefix(k_json_piece);
  }
  append_json_piece(out, text);
  out += '"';
}

std::string clean_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit && is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const Decoded decoded = decode(text);
    const std::size_t used = decoded.length == 0 ? 1 : decoded.length;
    const std::string_view piece =
        decoded.length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, used);
    if (out.size() + piece.size() > limit) break;
    out += piece;
    text.remove_prefix(used);
  }
  return out;
}

}  // namespace kbeat
