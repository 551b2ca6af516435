// WAV files made in a test, honest or not.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace kbeat::test {

struct WavHeader {
  std::uint16_t format = 1;  ///< 1 is PCM
  std::uint16_t channels = 1;
  std::uint32_t rate = 22'050;
  std::uint16_t bits = 16;
  std::uint32_t data_bytes = 0;  ///< what the header promises
};

/// The 44 bytes before the samples.
[[nodiscard]] std::string wav_header(const WavHeader& header);

/// Clicks of a given tempo, as a whole honest file.
[[nodiscard]] std::string click_track(double seconds, double bpm);

}  // namespace kbeat::test
