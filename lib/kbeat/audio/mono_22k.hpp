// Mixes channels to mono and brings them to 22,050 Hz, the rate at which music is analyzed.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "kbeat/audio/planar.hpp"

namespace kbeat::audio {

inline constexpr double k_analysis_rate = 22'050;  // Hz

/// Halves the sample rate with a linear-phase half-band filter; output n is centred on input 2n.
class HalfBand {
 public:
  HalfBand();
  /// Appends to `out`.
  void write(std::span<const float> in, std::vector<float>& out);
  void finish(std::vector<float>& out);

 private:
  std::vector<float> m_taps;  ///< the odd ones on one side; the others are 1/2 in the middle and 0
  std::vector<float> m_pending;
  std::vector<float> m_odd;  ///< every second one of those
};

/// Where channels cancel each other the mix fades to the first channel alone, so that a file in anti-phase
/// is not taken for silence.
class Mono22k {
 public:
  Mono22k(std::size_t channels, double sample_rate);
  ~Mono22k();
  Mono22k(const Mono22k&) = delete;
  Mono22k& operator=(const Mono22k&) = delete;

  /// The result is valid until the next call.
  [[nodiscard]] std::span<const float> write(const Planar& block);
  /// What is left in the filters after the last block.
  [[nodiscard]] std::span<const float> finish();

 private:
  struct Resampler;
  void mix(const Planar& block);

  std::size_t m_channels;
  double m_rate;
  float m_first_only = 0;  ///< 0 all channels, 1 the first alone
  std::vector<float> m_mono, m_halved, m_out;
  std::vector<HalfBand> m_halvings;
  std::unique_ptr<Resampler> m_resampler;
};

}  // namespace kbeat::audio
