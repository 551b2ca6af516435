// The instruments of the synthesised corpus, and the dice that vary them.
#pragma once

#include <cstdint>
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

/// A mono mix into which sounds are added at times in seconds.
class Mix {
 public:
  Mix(double seconds, double rate, Dice& dice);

  void kick(double at, double gain, double pitch);
  void snare(double at, double gain, double tone);
  void hat(double at, double gain, double decay);
  /// A note with `overtones` partials that dies away by `decay` a second; `attack` in s.
  void note(double at, double seconds, double midi, double gain, int overtones, double decay, double attack);
  void noise(double gain);

  void add_reverb(double gain, double seconds);
  /// Soft clipping to ±0.9 after `drive`.
  void limit(double drive);

  [[nodiscard]] std::vector<float> take();
  [[nodiscard]] double seconds() const;

 private:
  std::vector<double> m_samples;
  double m_rate;
  Dice& m_dice;
};

}  // namespace kbeat::audio::corpus
