// The drums of the synthesised corpus: one hit of each, as a sampler would hold it.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "instruments.hpp"

namespace kbeat::audio::corpus {
namespace {

constexpr double k_turn = 2 * std::numbers::pi;

Samples silence(double seconds, double rate) {
  return Samples(static_cast<std::size_t>(seconds * rate));
}

void normalise(Samples& samples) {
  float peak = 1e-9F;
  for (const float x : samples) peak = std::max(peak, std::abs(x));
  for (float& x : samples) x /= peak;
}

/// Noise through a one-pole low pass, less itself when `high`.
class ColouredNoise {
 public:
  ColouredNoise(Dice& dice, double hertz, double rate, bool high)
      : m_dice(dice), m_share(1 - std::exp(-k_turn * hertz / rate)), m_high(high) {}
  double next() {
    const double white = m_dice.real(-1, 1);
    m_low += m_share * (white - m_low);
    return m_high ? white - m_low : m_low;
  }

 private:
  Dice& m_dice;
  double m_share, m_low = 0;
  bool m_high;
};

/// Three quick bursts and a tail.
double clap_envelope(double t) {
  const double burst = t < 0.03 ? std::exp(-std::fmod(t, 0.01) * 250) : 0;
  return std::max(burst, t < 0.03 ? 0.0 : std::exp(-(t - 0.03) * 18));
}

}  // namespace

Samples make_kick(Dice& dice, double rate) {
  const double pitch = dice.real(38, 72), sweep = dice.real(1, 5), fall = dice.real(20, 90);
  const double decay = dice.chance(0.2) ? dice.real(3, 6) : dice.real(7, 26), click = dice.real(0, 0.5);
  const double drive = dice.real(0.5, 3);
  Samples out = silence(std::min(0.9, 5 / decay), rate);
  double phase = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    phase += k_turn * pitch * (1 + sweep * std::exp(-t * fall)) / rate;
    const double body = std::tanh(drive * std::sin(phase)) / std::tanh(drive);
    out[i] = static_cast<float>(body * std::exp(-t * decay) + click * dice.real(-1, 1) * std::exp(-t * 300));
  }
  normalise(out);
  return out;
}

Samples make_snare(Dice& dice, double rate) {
  const int kind = dice.whole(0, 9);  // 0 to 5 a snare, 6 to 8 a clap, 9 a rim
  const double tone = kind == 9 ? dice.real(900, 1900) : dice.real(150, 260), body_decay = dice.real(15, 40);
  const double noise_decay = dice.real(9, 36), noise_gain = dice.real(0.4, 1.2);
  ColouredNoise noise(dice, dice.real(500, 2500), rate, true);
  Samples out = silence(kind == 9 ? 0.06 : 0.35, rate);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double body = std::sin(k_turn * tone * t) + 0.6 * std::sin(k_turn * 1.6 * tone * t);
    if (kind < 6)
      out[i] = static_cast<float>(0.5 * body * std::exp(-t * body_decay) +
                                  noise_gain * noise.next() * std::exp(-t * noise_decay));
    else if (kind < 9)
      out[i] = static_cast<float>(noise.next() * clap_envelope(t));
    else
      out[i] = static_cast<float>(body * std::exp(-t * 90));
  }
  normalise(out);
  return out;
}

Samples make_hat(Dice& dice, double rate, double decay) {
  const bool metal = dice.chance(0.4);
  const double base = dice.real(250, 420);
  ColouredNoise noise(dice, dice.real(4000, 8000), rate, true);
  Samples out = silence(std::min(1.5, 5 / decay), rate);
  double before = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    double value = noise.next();
    if (metal) {
      double squares = 0;
      for (const double ratio : {1.0, 1.342, 1.483, 1.681, 2.122, 2.573})
        squares += std::fmod(t * base * 4 * ratio, 1.0) < 0.5 ? 0.3 : -0.3;
      value = 0.5 * value + squares - before;
      before = squares;
    }
    out[i] = static_cast<float>(value * std::exp(-t * decay));
  }
  normalise(out);
  return out;
}

Samples make_conga(Dice& dice, double rate, double pitch) {
  const double decay = dice.real(9, 30), slap = dice.real(0.05, 0.6);
  Samples out = silence(0.4, rate);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    const double tone =
        std::sin(k_turn * pitch * t) + 0.3 * std::sin(k_turn * 2.3 * pitch * t) * std::exp(-t * 30);
    out[i] = static_cast<float>(tone * std::exp(-t * decay) + slap * dice.real(-1, 1) * std::exp(-t * 120));
  }
  normalise(out);
  return out;
}

Samples make_crash(Dice& dice, double rate) {
  return make_hat(dice, rate, dice.real(1.5, 4));
}

}  // namespace kbeat::audio::corpus
