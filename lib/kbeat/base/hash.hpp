// SHA-256 of byte strings.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace kbeat {

/// A SHA-256, raw.
struct Digest {
  std::array<char, 32> bytes{};
  [[nodiscard]] std::string_view view() const { return {bytes.data(), bytes.size()}; }
  bool operator==(const Digest&) const = default;
};

/// Safe from any thread.
[[nodiscard]] Digest sha256_digest(std::string_view bytes);
/// The same as a string of 32 raw bytes.
[[nodiscard]] std::string sha256(std::string_view bytes);

/// Lower-case hexadecimal digits of `bytes`.
[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace kbeat
