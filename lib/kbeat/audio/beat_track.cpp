// Finds the beats of a track once its period is known roughly.
#include "kbeat/audio/beat_track.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kbeat/audio/float_lanes.hpp"

namespace kbeat::audio {
namespace {

constexpr float k_change_cost = 100;  // lambda of the 2015 model
constexpr float k_onset_gain = 2.0F;  // log likelihood a unit of normalised onset strength
constexpr float k_drift_cost = 4;     // keeps to the period where there is nothing to hear
constexpr double k_reachable = 1.1;   // largest change from one interval to the next
constexpr float k_never = -1e30F;

/// The best way to have a beat at each frame, by the interval before it. Frames are taken sixteen at a
/// time: the shortest interval is longer, so none of them depends on another.
class BeatSearch {
 public:
  BeatSearch(const std::vector<float>& curve, FrameRange range, double period)
      : m_curve(curve), m_range(range), m_period(period) {
    m_shortest = std::max(k_batch, static_cast<std::size_t>(std::lround(period * 0.8)));
    m_longest = std::max(m_shortest + 1, static_cast<std::size_t>(std::lround(period * 1.25)));
    // Backpointers are bytes, which an interval of 40 bpm's length just fits.
    m_states = std::min<std::size_t>(m_longest - m_shortest + 1, k_first_beat);
    m_ring = (m_longest / k_batch + 2) * k_batch;
    m_costs.resize(m_states * m_states);
    m_scores.assign((m_ring + k_batch) * m_states, k_never);
    m_from.resize((range.size() + k_batch) * m_states);
    for (std::size_t now = 0; now < m_states; ++now)
      for (std::size_t before = 0; before < m_states; ++before)
        m_costs[now * m_states + before] = change_cost(now, before);
  }

  std::vector<std::size_t> run() {
    for (std::size_t t = 0; t < m_range.size(); t += k_batch) {
      std::array<float, k_batch> here{};
      for (std::size_t i = 0; i < std::min(k_batch, m_range.size() - t); ++i)
        here[i] = k_onset_gain * std::min(4.0F, m_curve[m_range.first + t + i]);
      for (std::size_t state = 0; state < m_states; ++state) step(t, state, here);
    }
    return trace();
  }

 private:
  static constexpr std::size_t k_batch = 16;  // frames
  static constexpr std::uint8_t k_first_beat = 255;

  static constexpr std::size_t k_vectors = k_batch / k_lanes;

  struct Choice {
    std::array<Lanes, k_vectors> score, state;
  };

  [[nodiscard]] float interval(std::size_t state) const { return static_cast<float>(m_shortest + state); }

  [[nodiscard]] float change_cost(std::size_t now, std::size_t before) const {
    const float change = std::abs(interval(now) / interval(before) - 1);
    const float drift = std::abs(std::log2(interval(now) / static_cast<float>(m_period)));
    return k_change_cost * change + k_drift_cost * drift;
  }

  /// The scores of a state lie side by side in a ring of frames, whose first batch is repeated behind its
  /// end.
  [[nodiscard]] std::size_t place(std::size_t t, std::size_t state) const {
    return state * (m_ring + k_batch) + t % m_ring;
  }

  /// The best interval before the one of `state` that ends at each frame of the batch at `t`.
  [[nodiscard]] Choice best_before(std::size_t t, std::size_t state) const {
    const std::size_t gap = m_shortest + state;
    const auto near = static_cast<std::size_t>(static_cast<double>(gap) / k_reachable);
    const auto far = static_cast<std::size_t>(static_cast<double>(gap) * k_reachable) + 1;
    const std::size_t low = near > m_shortest ? near - m_shortest : 0;
    const std::size_t high = std::min(m_states - 1, far - m_shortest);
    const float* costs = &m_costs[state * m_states];
    Choice best;
    best.score.fill(Lanes{} + k_never);
    best.state.fill(Lanes{} + static_cast<float>(low));
    for (std::size_t s = low; s <= high; ++s) {
      const float* before = &m_scores[place(t + m_ring - gap, s)];
      for (std::size_t i = 0; i < k_vectors; ++i) {
        const Lanes value = Lanes::load(before + i * k_lanes) - costs[s];
        best.state[i] = choose(value > best.score[i], Lanes{} + static_cast<float>(s), best.state[i]);
        best.score[i] = max(value, best.score[i]);
      }
    }
    return best;
  }

  void step(std::size_t t, std::size_t state, const std::array<float, k_batch>& here) {
    const std::size_t gap = m_shortest + state;
    const Choice best = best_before(t, state);
    float* scores = &m_scores[place(t, state)];
    for (std::size_t i = 0; i < k_batch; ++i) {
      // The first beat, after which any interval may come.
      const bool first = t + i < gap;
      scores[i] = first ? here[i] : best.score[i / k_lanes][i % k_lanes] + here[i];
      m_from[(t + i) * m_states + state] =
          first ? k_first_beat : static_cast<std::uint8_t>(best.state[i / k_lanes][i % k_lanes]);
    }
    if (t % m_ring == 0) std::copy_n(scores, k_batch, scores + m_ring);
  }

  std::vector<std::size_t> trace() {
    std::size_t t = m_range.size(), state = 0;
    float best = k_never;
    const std::size_t tail = std::min(m_range.size(), m_shortest + m_states / 2);
    for (std::size_t end = m_range.size() - tail; end < m_range.size(); ++end)
      for (std::size_t s = 0; s < m_states; ++s)
        if (const float score = m_scores[place(end, s)]; score > best) {
          best = score;
          t = end;
          state = s;
        }
    std::vector<std::size_t> beats;
    while (t < m_range.size()) {
      beats.push_back(m_range.first + t);
      const std::uint8_t from = m_from[t * m_states + state];
      if (from == k_first_beat) break;
      t -= m_shortest + state;
      state = from;
    }
    std::reverse(beats.begin(), beats.end());
    return beats;
  }

  const std::vector<float>& m_curve;
  FrameRange m_range;
  double m_period;
  std::size_t m_shortest, m_longest, m_states, m_ring;
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
