// Writes little-endian headers and short decaying clicks.
#include "support/wav.hpp"

#include <cmath>

namespace kbeat::test {
namespace {

void append(std::string& bytes, std::uint64_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFF);
}

}  // namespace

std::string wav_header(const WavHeader& header) {
  const std::uint32_t frame = header.channels * header.bits / 8u;
  std::string bytes = "RIFF";
  append(bytes, header.data_bytes + std::uint64_t{36}, 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);
  append(bytes, header.format, 2);
  append(bytes, header.channels, 2);
  append(bytes, header.rate, 4);
  append(bytes, std::uint64_t{header.rate} * frame, 4);
  append(bytes, frame, 2);
  append(bytes, header.bits, 2);
  bytes += "data";
  append(bytes, header.data_bytes, 4);
  return bytes;
}

std::string click_track(double seconds, double bpm) {
  constexpr double k_rate = 22'050;
  const auto frames = static_cast<std::size_t>(seconds * k_rate);
  std::string bytes = wav_header({.data_bytes = static_cast<std::uint32_t>(2 * frames)});
  for (std::size_t i = 0; i < frames; ++i) {
    const double since_beat = std::fmod(static_cast<double>(i) / k_rate, 60 / bpm);
    const double sample = std::exp(-60 * since_beat) * std::sin(2 * 3.141592653589793 * 1000 * since_beat);
    append(bytes, static_cast<std::uint16_t>(std::lround(20'000 * sample)), 2);
  }
  return bytes;
}

}  // namespace kbeat::test
