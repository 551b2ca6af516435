// The mix of the synthesised corpus: notes, rooms and what a studio does to the sum.
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
    : m_samples(static_cast<std::size_t>(std::llround(seconds * rate))), m_rate(rate), m_dice(&dice) {}

double Mix::seconds() const {
  return static_cast<double>(m_samples.size()) / m_rate;
}

void Mix::add(std::span<const float> sound, double at, double gain) {
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  for (std::size_t i = 0; i < sound.size() && first + i < m_samples.size(); ++i)
    m_samples[first + i] += gain * static_cast<double>(sound[i]);
}

void Mix::note(double at, double seconds, double midi, double gain, const Timbre& timbre) {
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(seconds * m_rate);
  const auto hertz = [&](double semitones) { return 440 * std::exp2((midi + semitones - 69) / 12); };
  if (timbre.detune > 0) {
    add_voice(first, count, hertz(timbre.detune / 2), gain / 2, timbre);
    add_voice(first, count, hertz(-timbre.detune / 2), gain / 2, timbre);
  } else {
    add_voice(first, count, hertz(0), gain, timbre);
  }
  if (timbre.pick <= 0) return;
  for (std::size_t i = 0; i < static_cast<std::size_t>(0.012 * m_rate) && first + i < m_samples.size(); ++i)
    m_samples[first + i] += gain * timbre.pick * m_dice->real(-1, 1);
}

void Mix::add_voice(std::size_t first, std::size_t count, double hertz, double gain, const Timbre& timbre) {
  constexpr std::size_t k_block = 64;  // samples between changes of a vibrato
  const double seconds = static_cast<double>(count) / m_rate;
  for (int k = 1; k <= timbre.overtones && hertz * k < 0.45 * m_rate; k += timbre.odd ? 2 : 1) {
    // A rotating pointer instead of a sine a sample; higher partials die away sooner.
    const double fade = 1 - timbre.decay * (1 + 0.15 * (k - 1)) / m_rate;
    double c = 0, s = 0, x = gain * std::pow(k, -timbre.slope), y = 0;
    for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i) {
      const double t = static_cast<double>(i) / m_rate;
      if (i == 0 || (timbre.vibrato > 0 && i % k_block == 0)) {
        const double bend = timbre.vibrato * std::min(1.0, 4 * t) * std::sin(k_turn * 5.3 * t);
        const double step = k_turn * hertz * k * std::exp2(bend / 12) / m_rate;
        c = fade * std::cos(step), s = fade * std::sin(step);
      }
      const double envelope = std::min({1.0, t / timbre.attack, (seconds - t) / 0.015});
      m_samples[first + i] += y * std::max(0.0, envelope);
      const double next = x * c - y * s;
      y = x * s + y * c;
      x = next;
    }
  }
}

void Mix::noise(double gain) {
  for (double& x : m_samples) x += gain * m_dice->real(-1, 1);
}

void Mix::crackle(double per_second, double gain) {
  for (double at = 0; at < seconds(); at += m_dice->real(0.1, 1.9) / per_second) {
    const auto i = static_cast<std::size_t>(at * m_rate);
    if (i < m_samples.size()) m_samples[i] += gain * m_dice->real(-1, 1);
  }
}

void Mix::duck(double at, double seconds, double depth) {
  const auto first = static_cast<std::size_t>(std::max(0.0, at) * m_rate);
  const auto count = static_cast<std::size_t>(seconds * m_rate);
  for (std::size_t i = 0; i < count && first + i < m_samples.size(); ++i)
    m_samples[first + i] *= 1 - depth * (1 - static_cast<double>(i) / static_cast<double>(count));
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

void Mix::add_echo(double gain, double seconds, double feedback) {
  const auto delay = static_cast<std::size_t>(seconds * m_rate);
  if (delay == 0) return;
  std::vector<double> wet(m_samples.size());
  for (std::size_t i = delay; i < wet.size(); ++i) wet[i] = m_samples[i - delay] + feedback * wet[i - delay];
  for (std::size_t i = 0; i < wet.size(); ++i) m_samples[i] += gain * wet[i];
}

void Mix::tilt(double low, double high) {
  const double low_gain = std::pow(10, low / 20) - 1, high_gain = std::pow(10, high / 20) - 1;
  const double low_share = 1 - std::exp(-k_turn * 250 / m_rate),
               high_share = 1 - std::exp(-k_turn * 3000 / m_rate);
  double bass = 0, rest = 0;
  for (double& x : m_samples) {
    bass += low_share * (x - bass);
    rest += high_share * (x - rest);
    x += low_gain * bass + high_gain * (x - rest);
  }
}

void Mix::low_pass(double hertz) {
  const double share = 1 - std::exp(-k_turn * hertz / m_rate);
  for (int pole = 0; pole < 2; ++pole) {
    double low = 0;
    for (double& x : m_samples) x = low += share * (x - low);
  }
}

void Mix::high_pass(double hertz) {
  const double share = 1 - std::exp(-k_turn * hertz / m_rate);
  double low = 0;
  for (double& x : m_samples) {
    low += share * (x - low);
    x -= low;
  }
}

void Mix::fade(double head_seconds, double tail_seconds) {
  for (std::size_t i = 0; i < m_samples.size(); ++i) {
    const double t = static_cast<double>(i) / m_rate;
    if (t < head_seconds) m_samples[i] *= t / head_seconds;
    if (seconds() - t < tail_seconds) m_samples[i] *= (seconds() - t) / tail_seconds;
  }
}

void Mix::limit(double drive) {
  double peak = 1e-9;
  for (const double x : m_samples) peak = std::max(peak, std::abs(x));
  for (double& x : m_samples) x = 0.9 * std::tanh(drive * x / peak) / std::tanh(drive);
}

void Mix::level() {
  double squares = 0, count = 1;
  for (const double x : m_samples) {
    if (std::abs(x) < 1e-4) continue;
    squares += x * x;
    ++count;
  }
  const double rms = std::sqrt(squares / count);
  if (rms > 1e-9)
    for (double& x : m_samples) x /= rms;
}

void Mix::add(const Mix& other, double gain) {
  for (std::size_t i = 0; i < m_samples.size() && i < other.m_samples.size(); ++i)
    m_samples[i] += gain * other.m_samples[i];
}

Samples Mix::take() {
  Samples out(m_samples.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(m_samples[i]);
  return out;
}

}  // namespace kbeat::audio::corpus
