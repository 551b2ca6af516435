// The Fourier transform of a batch of real frames at once.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"

namespace kbeat::audio {

/// A plan for one power-of-two size; not safe for use by two threads at once (it owns its work space).
/// Radix-4 autosort passes (Stockham; see Van Loan, Computational Frameworks for the FFT, 1992) over the
/// even and odd samples as one complex sequence. Frames in the lanes make every step a vector step.
class LanesFft {
 public:
  /// `size`: samples a frame, a power of two of at least 8.
  explicit LanesFft(std::size_t size);

  [[nodiscard]] std::size_t size() const { return m_size; }
  [[nodiscard]] std::size_t bins() const { return m_size / 2 + 1; }

  /// Where the next frames are put: size() values. A transform uses them up.
  [[nodiscard]] std::span<Lanes> input() { return m_data; }

  /// `real` and `imaginary` get bins() each. Not scaled.
  void transform(std::span<Lanes> real, std::span<Lanes> imaginary);

  /// The squared magnitude of each bin.
  void power(std::span<Lanes> power);

 private:
  struct Complex {
    Lanes re, im;
  };
  struct Twiddle {
    float re, im;
  };
  void complex_transform();
  void radix4_pass(std::size_t length, std::size_t stride);
  void last_radix4_pass(std::size_t stride);
  void radix2_pass(std::size_t stride);
  /// Of the complex sequence: real and imaginary parts take turns.
  [[nodiscard]] Complex value(std::size_t k) const { return {m_data[2 * k], m_data[2 * k + 1]}; }
  /// Half the spectra of the even samples and of the odd ones, these turned to their place, at bin `k`.
  [[nodiscard]] std::pair<Complex, Complex> halves(std::size_t k) const;

  std::size_t m_size;
  std::vector<Twiddle> m_half;  ///< exp(-2πik/(size/2))
  std::vector<Twiddle> m_full;  ///< exp(-2πik/size)
  std::vector<Lanes> m_data, m_scratch;
};

}  // namespace kbeat::audio
