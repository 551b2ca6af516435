// Sounds of known properties, synthesised for the tests.
#pragma once

#include <cstdint>
#include <vector>

namespace kbeat::audio::synth {

using Samples = std::vector<float>;

/// White noise in ±1, the same for the same seed on every machine.
class Noise {
 public:
  explicit Noise(std::uint32_t seed) : m_state(seed) {}
  float next();

 private:
  std::uint32_t m_state;
};

/// A sum of two tracks of any length.
[[nodiscard]] Samples mix(const Samples& a, const Samples& b);
[[nodiscard]] Samples tone(double hertz, double seconds, double amplitude, double rate);
[[nodiscard]] Samples noise(double seconds, double amplitude, double rate, std::uint32_t seed);
/// The same samples in each of `channels`, interleaved.
[[nodiscard]] Samples interleaved(const Samples& mono, std::size_t channels);

/// Kick on the first and third beat, snare on the others, hats on eighths; `swing` is the place of the
/// second eighth within the beat.
struct Drums {
  double bpm = 120, first_beat = 0.5, seconds = 20, rate = 22'050;
  double swing = 0.5;
};
[[nodiscard]] Samples drums(const Drums& drums);

/// Tonic, subdominant, dominant, tonic, two seconds each with a bass note;
/// `tonic` in semitones over C, A4 at `tuning` Hz.
[[nodiscard]] Samples cadence(int tonic, bool minor, double tuning, double rate);

}  // namespace kbeat::audio::synth
