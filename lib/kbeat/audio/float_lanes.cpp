// Four floats computed at once: one sample of each of four frames.
#include "kbeat/audio/float_lanes.hpp"

#include <cstdint>
#include <cstring>

namespace kbeat::audio {

Lanes log2(Lanes x) {
  using Bits [[gnu::vector_size(16)]] = std::int32_t;
  Bits bits;
  std::memcpy(&bits, &x.v, sizeof bits);
  // The mantissa is brought to [√½, √2), where the series in (m-1)/(m+1) is short.
  constexpr std::int32_t k_root_half = 0x3F3504F3;
  const Bits exponent = (bits - k_root_half) >> 23;
  const Bits mantissa_bits = bits - (exponent << 23);
  Lanes mantissa;
  std::memcpy(&mantissa.v, &mantissa_bits, sizeof mantissa_bits);
  const Lanes::Vector s = (mantissa.v - 1.0F) / (mantissa.v + 1.0F), s2 = s * s;
  // 2/ln 2 · (s + s³/3 + s⁵/5 + s⁷/7)
  const Lanes::Vector series = s * (2.885390F + s2 * (0.9617967F + s2 * (0.5770780F + s2 * 0.4121986F)));
  return {__builtin_convertvector(exponent, Lanes::Vector) + series};
}

}  // namespace kbeat::audio
