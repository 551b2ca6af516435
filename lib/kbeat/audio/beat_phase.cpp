// Where within the beat the beats of a tracker lie.
#include "kbeat/audio/beat_phase.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "kbeat/audio/learned_weights.hpp"
#include "kbeat/audio/steady_grid.hpp"

namespace kbeat::audio {
namespace {

/// How much the pitch classes after a moment differ from those before it, 0 to 1.
double change_at(const std::vector<Chroma>& harmony, double seconds) {
  const auto frame = static_cast<std::ptrdiff_t>(std::lround(seconds * k_chroma_rate));
  if (frame < 2 || frame + 2 >= std::ssize(harmony)) return 0;
  double both = 0, before = 0, after = 0;
  for (std::size_t k = 0; k < 12; ++k) {
    const auto at = [&](std::ptrdiff_t i) {
      return static_cast<double>(harmony[static_cast<std::size_t>(frame + i)][k]);
    };
    const double a = at(-2) + at(-1), b = at(1) + at(2);
    both += a * b, before += a * a, after += b * b;
  }
  return before > 0 && after > 0 ? 1 - both / std::sqrt(before * after) : 0;
}

/// What `heard` says at each beat, moved on by a share of the interval to the next.
template <typename Heard>
std::vector<double> along(const std::vector<double>& beats, double share, Heard heard) {
  std::vector<double> out;
  out.reserve(beats.size());
  for (std::size_t i = 0; i + 1 < beats.size(); ++i)
    out.push_back(heard(beats[i] + share * (beats[i + 1] - beats[i])));
  return out;
}

/// Half the difference between even and odd members, either way round.
double alternation_size(const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += i % 2 == 0 ? values[i] : -values[i];
  return std::abs(sum) / static_cast<double>(std::max<std::size_t>(1, values.size()));
}

double lower_quartile(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 4);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double mean_of_lesser(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::min(a[i], b[i]);
  return sum / static_cast<double>(std::max<std::size_t>(1, a.size()));
}

/// What is heard at one place within the beat.
struct Place {
  std::array<double, k_onset_bands + 1> onsets{};  ///< of each band, and of all
  double harmony = 0, low_alternation = 0, mid_alternation = 0;
  double low_least = 0, power_least = 0;  ///< what three quarters of the beats have
  double struck = 0;                      ///< the lesser of low onsets and those over them
};

/// What the curves and the harmony show along the beats, to be asked for any place within them.
class Listener {
 public:
  Listener(const std::vector<double>& beats, const OnsetCurves& curves, const std::vector<Chroma>& harmony)
      : m_beats(beats), m_curves(curves), m_harmony(harmony) {}

  [[nodiscard]] std::vector<double> onsets(const std::vector<float>& curve, double share) const {
    return along(m_beats, share, [&](double time) { return peak_near(curve, time); });
  }

  [[nodiscard]] Place at(double share) const {
    Place out;
    for (std::size_t b = 0; b < k_onset_bands; ++b) {
      const auto heard = onsets(m_curves.bands[b], share);
      out.onsets[b] = mean(heard);
      if (b == k_below_200) {
        out.low_alternation = alternation_size(heard);
        out.low_least = lower_quartile(heard);
        out.struck = mean_of_lesser(heard, onsets(m_curves.bands[k_to_3200], share));
      }
      if (b == k_to_3200) out.mid_alternation = alternation_size(heard);
      if (b == k_power) out.power_least = lower_quartile(heard);
    }
    out.onsets[k_onset_bands] = mean(onsets(m_curves.all, share));
    out.harmony = 10 * mean(along(m_beats, share, [&](double time) { return change_at(m_harmony, time); }));
    return out;
  }

  [[nodiscard]] double late(double share, double within) const {
    return mean(onsets(m_curves.all, share + 1 - within)) - mean(onsets(m_curves.all, share + within));
  }

  [[nodiscard]] double log2_bpm() const {
    const auto beats = static_cast<double>(m_beats.size() - 1);
    return std::log2(60 * beats / (m_beats.back() - m_beats.front()) / 120);
  }

 private:
  const std::vector<double>& m_beats;
  const OnsetCurves& m_curves;
  const std::vector<Chroma>& m_harmony;
};

PhaseFeatures features_at(double share, const Listener& listener) {
  PhaseFeatures out;
  auto value = out.begin();
  const Place on = listener.at(share), off = listener.at(share + 0.5);
  for (const double onset : on.onsets) *value++ = onset;
  for (std::size_t b = 0; b < on.onsets.size(); ++b) *value++ = on.onsets[b] - off.onsets[b];
  *value++ = on.harmony;
  *value++ = on.harmony - off.harmony;
  *value++ = on.low_alternation;
  *value++ = on.mid_alternation;
  *value++ = on.low_alternation - off.low_alternation;
  *value++ = on.mid_alternation - off.mid_alternation;
  *value++ = on.low_least;
  *value++ = on.low_least - off.low_least;
  *value++ = on.power_least - off.power_least;
  *value++ = on.struck;
  *value++ = on.struck - off.struck;
  *value++ = listener.late(share, 1.0 / 3);
  *value++ = listener.late(share, 1.0 / 4);
  *value++ = listener.log2_bpm();
  const auto is = [&](double a, double b) { return share == a || share == b ? 1.0 : 0.0; };
  *value++ = is(k_phase_shifts[1], k_phase_shifts[1]);
  *value++ = is(k_phase_shifts[2], k_phase_shifts[3]);
  *value++ = is(k_phase_shifts[4], k_phase_shifts[5]);
  return out;
}

}  // namespace

std::vector<PhaseFeatures> phase_evidence(const std::vector<double>& beats, const OnsetCurves& curves,
                                          const std::vector<Chroma>& harmony) {
  const Listener listener(beats, curves, harmony);
  std::vector<PhaseFeatures> out;
  for (const double share : k_phase_shifts) out.push_back(features_at(share, listener));
  return out;
}

double best_shift(const std::vector<PhaseFeatures>& evidence) {
  const auto odds = [](const PhaseFeatures& e) {
    return std::inner_product(e.begin(), e.end(), weights::k_phase.begin(), 0.0);
  };
  const auto best = std::max_element(evidence.begin(), evidence.end(),
                                     [&](const auto& a, const auto& b) { return odds(a) < odds(b); });
  return k_phase_shifts[static_cast<std::size_t>(best - evidence.begin())];
}

void shift_beats(std::vector<double>& beats, double share) {
  if (beats.size() < 2 || share <= 0) return;
  std::vector<double> moved;
  moved.reserve(beats.size() + 1);
  const double first = beats[0] - (1 - share) * (beats[1] - beats[0]);
  if (first >= 0) moved.push_back(first);
  for (std::size_t i = 0; i + 1 < beats.size(); ++i)
    moved.push_back(beats[i] + share * (beats[i + 1] - beats[i]));
  beats = std::move(moved);
}

}  // namespace kbeat::audio
