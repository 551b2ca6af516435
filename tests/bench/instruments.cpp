// The instruments of the synthesised corpus, and the dice that vary them.
#include "instruments.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace kbeat::audio::corpus {
namespace {

constexpr double k_turn = 2 * std::numbers::pi;

}  // namespace

Dice::Dice(std::uint64_t seed) : m_state(seed * 0x9E3779B97F4A7C15u + 0x2545F4914F6CDD1Du) {
  for (int i = 0; i < 8; ++i) static_cast<void>(real(0, 1));
}

double Dice::real(double low, double high) {
  // xorshift64* (Vigna, An experimental exploration of Marsaglia's xorshift generators, TOMS 2016).
  m_state ^= m_state >> 12;
  m_state ^= m_state << 25;
  m_state ^= m_state >> 27;
  const std::uint64_t bits = m_state * 0x2545F4914F6CDD1Du;
  return low + (high - low) * static_cast<double>(bits >> 11) / 9007199254740992.0;
}

int Dice::whole(int low, int high) {
  return low + static_cast<int>(real(0, 1) * (high - low + 1));
}

bool Dice::chance(double probability) {
  return real(0, 1) < probability;
}

double Dice::normal(double sd) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += real(0, 1);
  return sum * sd;
}

Mix::Mix(double seconds, double rate, Dice& dice)
    : m_samples(static_cast<std::size_t>(seconds * rate)), m_rate(rate), m_dice(dice) {}

double Mix::seconds() const {
  return static_cast<double>(m_samples.size()) / m_rate;
}

void Mix::kick(double at, double gain, double pitch) {
  double phase = 0;
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(0.25 * m_rate);
  for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i) {
    const double t = static_cast<double>(i) / m_rate;
    phase += k_turn * (pitch + 2.5 * pitch * std::exp(-t * 45)) / m_rate;
    m_samples[first + i] += gain * std::sin(phase) * std::exp(-t * 14);
  }
}

void Mix::snare(double at, double gain, double tone) {
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(0.2 * m_rate);
  for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i) {
    const double t = static_cast<double>(i) / m_rate;
    const double body = 0.5 * std::sin(k_turn * tone * t) * std::exp(-t * 28);
    m_samples[first + i] += gain * (body + 0.6 * m_dice.real(-1, 1) * std::exp(-t * 20));
  }
}

void Mix::hat(double at, double gain, double decay) {
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(5 / decay * m_rate);
  double last = 0;
  for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i) {
    const double value = m_dice.real(-1, 1);
    m_samples[first + i] += gain * (value - last) * std::exp(-static_cast<double>(i) / m_rate * decay);
    last = value;
  }
}

void Mix::note(double at, double seconds, double midi, double gain, int overtones, double decay,
               double attack) {
  const double hertz = 440 * std::exp2((midi - 69) / 12);
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(seconds * m_rate);
  for (int k = 1; k <= overtones && hertz * k < 0.45 * m_rate; ++k) {
    // A rotating pointer instead of a sine a sample.
    const double step = k_turn * hertz * k / m_rate, c = std::cos(step), s = std::sin(step);
    double x = gain / k, y = 0;
    for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i) {
      const double t = static_cast<double>(i) / m_rate;
      const double envelope = std::min({1.0, t / attack, (seconds - t) / 0.015});
      m_samples[first + i] += y * std::max(0.0, envelope);
      const double fade = 1 - decay / m_rate, next = (x * c - y * s) * fade;
      y = (x * s + y * c) * fade;
      x = next;
    }
  }
}

void Mix::noise(double gain) {
  for (double& x : m_samples) x += gain * m_dice.real(-1, 1);
}

void Mix::add_reverb(double gain, double seconds) {
  std::vector<double> wet(m_samples.size());
  for (const double delay : {0.0297, 0.0371, 0.0411, 0.0437}) {
    const auto d = static_cast<std::size_t>(delay * m_rate);
    const double feedback = std::pow(0.001, delay / seconds);
    std::vector<double> line(m_samples.size());
    for (std::size_t i = 0; i < line.size(); ++i) {
      line[i] = m_samples[i] + (i >= d ? feedback * line[i - d] : 0);
      wet[i] += 0.25 * (i >= d ? line[i - d] : 0);
    }
  }
  for (std::size_t i = 0; i < wet.size(); ++i) m_samples[i] += gain * wet[i];
}

void Mix::limit(double drive) {
  double peak = 1e-9;
  for (const double x : m_samples) peak = std::max(peak, std::abs(x));
  for (double& x : m_samples) x = 0.9 * std::tanh(drive * x / peak) / std::tanh(drive);
}

std::vector<float> Mix::take() {
  std::vector<float> out(m_samples.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(m_samples[i]);
  return out;
}

}  // namespace kbeat::audio::corpus
