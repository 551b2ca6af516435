// Base64, strict on input.
#include "kbeat/base/base64.hpp"

#include <array>
#include <cstdint>

namespace kbeat {
namespace {

constexpr std::string_view k_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t k_invalid = 0xFF;

constexpr std::array<std::uint8_t, 256> k_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(k_invalid);
  for (std::size_t i = 0; i < k_alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(k_alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const auto digit = [](std::uint32_t word, int shift) { return k_alphabet[(word >> shift) & 63]; };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t word = byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
    const char four[] = {digit(word, 18), digit(word, 12), digit(word, 6), digit(word, 0)};
    out.append(four, 4);
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t word = byte_at(bytes, i) << 16 | (rest == 2 ? byte_at(bytes, i + 1) << 8 : 0);
  const char four[] = {digit(word, 18), digit(word, 12), rest == 2 ? digit(word, 6) : '=', '='};
  out.append(four, 4);
}

bool append_decoded_base64(std::string& out, std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  const std::size_t size_before = out.size();
  std::uint32_t word = 0;
  int bits = 0;
  bool legal = true;
  for (const char c : text.substr(0, text.size() - padding)) {
    const std::uint8_t value = k_values[static_cast<std::uint8_t>(c)];
    legal = legal && value != k_invalid;
    word = word << 6 | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(word >> bits & 0xFF);
    }
  }
  const bool stray_bits = (word & ((1u << bits) - 1)) != 0;
  if (legal && !stray_bits) return true;
  out.resize(size_before);
  return false;
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  return append_decoded_base64(out, text) ? std::optional<std::string>(std::move(out)) : std::nullopt;
}

}  // namespace kbeat
