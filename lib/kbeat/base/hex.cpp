// Two digits a byte.
#include "kbeat/base/hex.hpp"

namespace kbeat {

void append_hex(std::string& out, std::string_view bytes) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  out.reserve(out.size() + 2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += k_digits[byte >> 4];
    out += k_digits[byte & 0xFu];
  }
}

}  // namespace kbeat
