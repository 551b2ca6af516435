// The Fourier transform of four real frames at once.
#pragma once

#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"

namespace kbeat::audio {

/// A plan for one power-of-two size; not safe for use by two threads at once (it owns its work space).
/// Radix-4 autosort passes (Stockham; see Van Loan, Computational Frameworks for the FFT, 1992) over the
/// even and odd samples as one complex sequence. Four frames in the lanes make every step a vector step.
class LanesFft {
 public:
  /// `size`: samples a frame, a power of two of at least 8.
  explicit LanesFft(std::size_t size);

  [[nodiscard]] std::size_t size() const { return m_size; }
  [[nodiscard]] std::size_t bins() const { return m_size / 2 + 1; }

  /// `frames` has size() values; `real` and `imaginary` get bins() each. Not scaled.
  void transform(std::span<const Lanes> frames, std::span<Lanes> real, std::span<Lanes> imaginary);

  /// The squared magnitude of each bin.
  void power(std::span<const Lanes> frames, std::span<Lanes> power);

 private:
  struct Complex {
    Lanes re, im;
  };
  struct Twiddle {
    float re, im;
  };
  void complex_transform();
  void radix4_pass(std::size_t length, std::size_t stride);
  void radix2_pass(std::size_t stride);
  [[nodiscard]] Complex bin(std::size_t k) const;

  std::size_t m_size;
  std::vector<Twiddle> m_half;  ///< exp(-2πik/(size/2))
  std::vector<Twiddle> m_full;  ///< exp(-2πik/size)
  std::vector<Complex> m_data, m_scratch;
};

}  // namespace kbeat::audio
