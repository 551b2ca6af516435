// Sounds of known properties, synthesised for the tests.
#include "synth.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kbeat::audio::synth {
namespace {

constexpr double k_turn = 2 * std::numbers::pi;

void add(Samples& track, double start, double rate, const Samples& sound) {
  const auto first = static_cast<std::size_t>(std::lround(start * rate));
  for (std::size_t i = 0; i < sound.size() && first + i < track.size(); ++i) track[first + i] += sound[i];
}

Samples kick(double rate) {
  Samples out;
  double phase = 0;
  for (int i = 0; i < static_cast<int>(0.2 * rate); ++i) {
    const double t = i / rate;
    phase += k_turn * (50 + 110 * std::exp(-t * 40)) / rate;
    out.push_back(static_cast<float>(0.6 * std::sin(phase) * std::exp(-t * 15)));
  }
  return out;
}

Samples burst(double rate, double amplitude, double decay, double tone_hertz, Noise& noise) {
  Samples out;
  for (int i = 0; i < static_cast<int>(0.15 * rate); ++i) {
    const double t = i / rate, body = tone_hertz > 0 ? std::sin(k_turn * tone_hertz * t) : 0;
    out.push_back(
        static_cast<float>(amplitude * (body + static_cast<double>(noise.next())) * std::exp(-t * decay)));
  }
  return out;
}

Samples chord_note(double hertz, double seconds, double amplitude, double rate) {
  Samples out;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
    const double t = i / rate, envelope = std::min({1.0, t / 0.01, (seconds - t) / 0.02});
    double sum = 0;
    for (int k = 1; k <= 5 && hertz * k < rate / 2; ++k) sum += std::sin(k_turn * hertz * k * t) / k;
    out.push_back(static_cast<float>(amplitude * envelope * sum));
  }
  return out;
}

}  // namespace

float Noise::next() {
  m_state = m_state * 1664525u + 1013904223u;
  return static_cast<float>(static_cast<double>(m_state >> 8) / 8388608.0 - 1.0);
}

Samples mix(const Samples& a, const Samples& b) {
  Samples out(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < a.size(); ++i) out[i] += a[i];
  for (std::size_t i = 0; i < b.size(); ++i) out[i] += b[i];
  return out;
}

Samples tone(double hertz, double seconds, double amplitude, double rate) {
  Samples out;
  const auto count = std::llround(seconds * rate);
  for (long long i = 0; i < count; ++i)
    out.push_back(static_cast<float>(amplitude * std::sin(k_turn * hertz * static_cast<double>(i) / rate)));
  return out;
}

Samples noise(double seconds, double amplitude, double rate, std::uint32_t seed) {
  Noise source(seed);
  Samples out(static_cast<std::size_t>(std::lround(seconds * rate)));
  for (float& x : out) x = static_cast<float>(amplitude) * source.next();
  return out;
}

Samples interleaved(const Samples& mono, std::size_t channels) {
  Samples out;
  for (const float x : mono) out.insert(out.end(), channels, x);
  return out;
}

Samples drums(const Drums& d) {
  Samples track(static_cast<std::size_t>(std::lround(d.seconds * d.rate)));
  Noise source(7);
  const double beat = 60 / d.bpm;
  for (int n = 0; d.first_beat + n * beat < d.seconds; ++n) {
    const double start = d.first_beat + n * beat;
    add(track, start, d.rate, n % 2 == 0 ? kick(d.rate) : burst(d.rate, 0.3, 25, 190, source));
    add(track, start, d.rate, burst(d.rate, 0.08, 90, 0, source));
    add(track, start + d.swing * beat, d.rate, burst(d.rate, 0.08, 90, 0, source));
  }
  return track;
}

Samples cadence(int tonic, bool minor, double tuning, double rate) {
  constexpr std::array k_roots = {0, 5, 7, 0};
  Samples track(static_cast<std::size_t>(std::lround(8 * rate)));
  const auto hertz = [&](int semitones_over_c4) {
    return tuning * std::exp2((semitones_over_c4 - 9) / 12.0);
  };
  for (std::size_t n = 0; n < k_roots.size(); ++n) {
    const int root = tonic + k_roots[n];
    // The dominant has a major third in minor too.
    const int third = minor && k_roots[n] != 7 ? 3 : 4;
    const double start = 2.0 * static_cast<double>(n);
    add(track, start, rate, chord_note(hertz(root - 24), 1.95, 0.15, rate));
    for (const int step : {0, third, 7})
      add(track, start, rate, chord_note(hertz(root + step), 1.95, 0.08, rate));
  }
  return track;
}

}  // namespace kbeat::audio::synth
