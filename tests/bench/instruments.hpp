// The instruments of the synthesised corpus, and the dice that vary them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kbeat::audio::corpus {

/// A small generator of its own, since the distributions of the standard library differ between platforms.
class Dice {
 public:
  explicit Dice(std::uint64_t seed);
  [[nodiscard]] double real(double low, double high);
  [[nodiscard]] int whole(int low, int high);  ///< both included
  [[nodiscard]] bool chance(double probability);
  [[nodiscard]] double normal(double sd);

 private:
  std::uint64_t m_state;
};

using Samples = std::vector<float>;

/// Single hits of a drum kit; each call is another drum.
[[nodiscard]] Samples make_kick(Dice& dice, double rate);
[[nodiscard]] Samples make_snare(Dice& dice, double rate);  ///< or a clap or a rim
[[nodiscard]] Samples make_hat(Dice& dice, double rate, double decay);
[[nodiscard]] Samples make_conga(Dice& dice, double rate, double pitch);
[[nodiscard]] Samples make_crash(Dice& dice, double rate);

/// How a note sounds.
struct Timbre {
  int overtones = 4;
  double slope = 1;      ///< amplitude of partial k is k to the power of -slope
  bool odd = false;      ///< only odd partials, as of a square wave
  double decay = 2;      ///< 1/s
  double attack = .005;  ///< s
  double vibrato = 0;    ///< semitones
  double detune = 0;     ///< semitones between two voices
  double pick = 0;       ///< noise at the start
};

/// A mono mix into which sounds are added at times in seconds.
class Mix {
 public:
  Mix(double seconds, double rate, Dice& dice);

  void add(std::span<const float> sound, double at, double gain);
  void note(double at, double seconds, double midi, double gain, const Timbre& timbre);
  void noise(double gain);
  void crackle(double per_second, double gain);
  /// Pushes the level down at a moment and lets it come back, as a compressor keyed by the kick does.
  void duck(double at, double seconds, double depth);

  void add_reverb(double gain, double seconds);
  /// Repeats what has been every `seconds`, each time by `feedback` softer.
  void add_echo(double gain, double seconds, double feedback);
  /// Makes what lies under 250 Hz and what lies over 3 kHz louder by so many decibels.
  void tilt(double low, double high);
  void low_pass(double hertz);
  void high_pass(double hertz);
  void fade(double head_seconds, double tail_seconds);
  /// Soft clipping to ±0.9 after `drive`.
  void limit(double drive);
  /// Scales to an RMS of 1 where there is sound, so that mixes can be balanced.
  void level();
  void add(const Mix& other, double gain);

  [[nodiscard]] Samples take();
  [[nodiscard]] double seconds() const;

 private:
  void add_voice(std::size_t first, std::size_t count, double hertz, double gain, const Timbre& timbre);

  std::vector<double> m_samples;
  double m_rate;
  Dice* m_dice;
};

}  // namespace kbeat::audio::corpus
