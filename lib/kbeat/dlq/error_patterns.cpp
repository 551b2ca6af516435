// Masking by words: what stands between two boundaries is kept or becomes one mark.
#include "kbeat/dlq/error_patterns.hpp"

#include <algorithm>

namespace kbeat::dlq {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}

/// Length of a URL that begins with the word at `at`, or 0.
std::size_t url_length(std::string_view text, std::size_t at, std::size_t word) {
  if (!text.substr(at + word).starts_with("://")) return 0;
  const std::size_t end = text.find_first_of(" \t\r\n\"'", at);
  return (end == std::string_view::npos ? text.size() : end) - at;
}

/// Length of a UUID at `at`, or 0.
std::size_t uuid_length(std::string_view text, std::size_t at) {
  constexpr std::size_t k_length = 36;
  const std::string_view part = text.substr(at, k_length);
  if (part.size() < k_length) return 0;
  for (std::size_t i = 0; i < k_length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? part[i] != '-' : !is_hex(part[i])) return 0;
  }
  const bool ends = at + k_length == text.size() || !is_word(text[at + k_length]);
  return ends ? k_length : 0;
}

/// Length of a number with points and colons in it (a version, an address, a time) at `at`, or 0.
std::size_t number_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) {
    while (end < text.size() && is_digit(text[end])) ++end;
    const bool goes_on =
        end + 1 < text.size() && (text[end] == '.' || text[end] == ':') && is_digit(text[end + 1]);
    if (!goes_on) break;
    ++end;
  }
  if (end < text.size() && is_word(text[end])) return 0;
  return end - at;
}

/// Length of a hexadecimal number such as 0x1f at `at`, or 0.
std::size_t hex_number_length(std::string_view text, std::size_t at) {
  constexpr std::size_t k_prefix = 2;
  const std::string_view prefix = text.substr(at, k_prefix);
  if (prefix != "0x" && prefix != "0X") return 0;
  std::size_t end = at + k_prefix;
  while (end < text.size() && is_hex(text[end])) ++end;
  const bool ends = end == text.size() || !is_word(text[end]);
  return ends && end > at + k_prefix ? end - at : 0;
}

bool is_hex_id(std::string_view word) {
  constexpr std::size_t k_shortest = 8;
  return word.size() >= k_shortest && std::all_of(word.begin(), word.end(), is_hex) &&
         std::any_of(word.begin(), word.end(), is_digit);
}

/// Digits of a word are masked, its letters stay: `30ms`, `beat42`.
void append_word(std::string& masked, std::string_view word) {
  bool in_digits = false;
  for (const char c : word) {
    if (!is_digit(c)) {
      masked += c;
    } else if (!in_digits) {
      masked += "<n>";
    }
    in_digits = is_digit(c);
  }
}

}  // namespace

std::string error_pattern(std::string_view text) {
  std::string masked;
  masked.reserve(text.size());
  std::size_t at = 0;
  const auto mask = [&](std::size_t length, std::string_view mark) {
    masked += mark;
    at += length;
  };
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      const std::size_t close = text.find('"', at + 1);
      if (close != std::string_view::npos) {
        mask(close + 1 - at, "<text>");
        continue;
      }
    }
    if (!is_word(c)) {
      masked += c;
      ++at;
      continue;
    }
    const auto end = std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word);
    const std::string_view word = text.substr(at, static_cast<std::size_t>(end - text.begin()) - at);
    if (const std::size_t url = url_length(text, at, word.size()); url > 0) {
      mask(url, "<url>");
    } else if (const std::size_t uuid = uuid_length(text, at); uuid > 0) {
      mask(uuid, "<id>");
    } else if (const std::size_t number = std::max(number_length(text, at), hex_number_length(text, at));
               number > 0) {
      mask(number, "<n>");
    } else if (is_hex_id(word)) {
      mask(word.size(), "<id>");
    } else {
      append_word(masked, word);
      at += word.size();
    }
  }
  return masked;
}

void ErrorPatterns::add(std::string_view error, const std::string& id, WallTime at) {
  PatternGroup& group = m_groups[error_pattern(error)];
  if (++group.count == 1) {
    group.first = group.last = at;
    group.sample = error;
    group.sample_id = id;
  }
  group.first = std::min(group.first, at);
  group.last = std::max(group.last, at);
}

}  // namespace kbeat::dlq
