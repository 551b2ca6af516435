// Finds the beats of a track once its period is known roughly.
#include "kbeat/audio/beat_track.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace kbeat::audio {
namespace {

constexpr float k_change_cost = 100;  // lambda of the 2015 model
constexpr float k_onset_gain = 2.0F;  // log likelihood a unit of normalised onset strength
constexpr float k_drift_cost = 4;     // keeps to the period where there is nothing to hear
constexpr double k_reachable = 1.1;   // largest change from one interval to the next
constexpr float k_never = -1e30F;

/// The best way to have a beat at each frame, by the interval before it.
class BeatSearch {
 public:
  BeatSearch(const std::vector<float>& curve, FrameRange range, double period)
      : m_curve(curve), m_range(range), m_period(period) {
    m_shortest = std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(period * 0.8)));
    m_longest = std::max(m_shortest + 1, static_cast<std::size_t>(std::lround(period * 1.25)));
    m_states = m_longest - m_shortest + 1;
    // Backpointers are bytes, which an interval of 40 bpm's length just fits.
    m_states = std::min<std::size_t>(m_states, 255);
    m_costs.resize(m_states * m_states);
    m_scores.assign((m_longest + 1) * m_states, k_never);
    m_from.resize(range.size() * m_states);
    for (std::size_t now = 0; now < m_states; ++now)
      for (std::size_t before = 0; before < m_states; ++before)
        m_costs[now * m_states + before] = change_cost(now, before);
  }

  std::vector<std::size_t> run() {
    for (std::size_t t = 0; t < m_range.size(); ++t)
      for (std::size_t state = 0; state < m_states; ++state) step(t, state);
    return trace();
  }

 private:
  [[nodiscard]] float interval(std::size_t state) const { return static_cast<float>(m_shortest + state); }

  [[nodiscard]] float change_cost(std::size_t now, std::size_t before) const {
    const float change = std::abs(interval(now) / interval(before) - 1);
    const float drift = std::abs(std::log2(interval(now) / static_cast<float>(m_period)));
    return k_change_cost * change + k_drift_cost * drift;
  }

  float& score(std::size_t t, std::size_t state) { return m_scores[t % (m_longest + 1) * m_states + state]; }

  void step(std::size_t t, std::size_t state) {
    const float here = k_onset_gain * std::min(4.0F, m_curve[m_range.first + t]);
    const std::size_t gap = m_shortest + state;
    if (t < gap) {
      // The first beat, after which any interval may come.
      score(t, state) = here;
      m_from[t * m_states + state] = 255;
      return;
    }
    const auto near = static_cast<std::size_t>(static_cast<double>(gap) / k_reachable);
    const auto far = static_cast<std::size_t>(static_cast<double>(gap) * k_reachable) + 1;
    const std::size_t low = near > m_shortest ? near - m_shortest : 0;
    const std::size_t high = std::min(m_states - 1, far - m_shortest);
    const float* costs = &m_costs[state * m_states];
    const float* before = &score(t - gap, 0);
    float best = k_never;
    std::size_t best_state = low;
    for (std::size_t s = low; s <= high; ++s) {
      const float value = before[s] - costs[s];
      if (value > best) {
        best = value;
        best_state = s;
      }
    }
    score(t, state) = best + here;
    m_from[t * m_states + state] = static_cast<std::uint8_t>(best_state);
  }

  std::vector<std::size_t> trace() {
    std::size_t t = m_range.size(), state = 0;
    float best = k_never;
    const std::size_t tail = std::min(m_range.size(), m_shortest + m_states / 2);
    for (std::size_t end = m_range.size() - tail; end < m_range.size(); ++end)
      for (std::size_t s = 0; s < m_states; ++s)
        if (score(end, s) > best) {
          best = score(end, s);
          t = end;
          state = s;
        }
    std::vector<std::size_t> beats;
    while (t < m_range.size()) {
      beats.push_back(m_range.first + t);
      const std::uint8_t from = m_from[t * m_states + state];
      if (from == 255) break;
      t -= m_shortest + state;
      state = from;
    }
    std::reverse(beats.begin(), beats.end());
    return beats;
  }

  const std::vector<float>& m_curve;
  FrameRange m_range;
  double m_period;
  std::size_t m_shortest, m_longest, m_states;
  std::vector<float> m_costs, m_scores;
  std::vector<std::uint8_t> m_from;
};

/// The peak within two frames, between frames by the parabola through its neighbours.
double refine(const std::vector<float>& curve, std::size_t beat) {
  constexpr std::size_t k_near = 2;
  const std::size_t first = beat > k_near ? beat - k_near : 0;
  const std::size_t last = std::min(curve.size() - 1, beat + k_near);
  std::size_t peak = first;
  for (std::size_t i = first; i <= last; ++i)
    if (curve[i] > curve[peak]) peak = i;
  if (peak == 0 || peak + 1 >= curve.size()) return static_cast<double>(beat);
  const double a = static_cast<double>(curve[peak - 1]), b = static_cast<double>(curve[peak]),
               c = static_cast<double>(curve[peak + 1]);
  if (b < a || b < c || a - 2 * b + c >= 0) return static_cast<double>(beat);
  return static_cast<double>(peak) + 0.5 * (a - c) / (a - 2 * b + c);
}

}  // namespace

std::vector<double> track_beats(const std::vector<float>& curve, FrameRange range, double period) {
  std::vector<double> out;
  if (static_cast<double>(range.size()) < 1.5 * period) return out;
  for (const std::size_t beat : BeatSearch(curve, range, period).run()) out.push_back(refine(curve, beat));
  return out;
}

}  // namespace kbeat::audio
