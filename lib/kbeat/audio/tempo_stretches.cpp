// Finds the stretches of a track that keep tempi of their own.
#include "kbeat/audio/tempo_stretches.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "kbeat/audio/periodicity.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_tempo_step = 1.005;
constexpr std::ptrdiff_t k_octave = 139;  // steps
constexpr std::ptrdiff_t k_near = 2;      // steps that a tempo may be off
// In bpm; what repeats faster are echoes and arpeggios.
constexpr double k_slowest_heard = 50, k_fastest_heard = 200;
// Set on 524 pieces of one tempo, none of which has stretches, and 240 splices of two of them, 191 of which
// have.
constexpr double k_least_strength = 0.04;  // strength of a tempo
constexpr double k_lead_at_home = 0.4;     // share by which each tempo must be the stronger at home
constexpr double k_agreeing = 0.7;         // share of the blocks
constexpr double k_sure = 0.9;             // confidence of the tempo of a stretch
constexpr std::size_t k_most_blocks = 96;
constexpr std::size_t k_least_blocks = 2;

/// The strength of each tempo.
using Strengths = std::vector<double>;

/// How strong each tempo is in each of the windows, which are taken for blocks of several in a long track.
class Tempogram {
 public:
  explicit Tempogram(const OnsetCurves& curves) {
    constexpr std::size_t window = Periodicity::k_window, hop = Periodicity::k_window_hop;
    const std::size_t windows = curves.frames() < window ? 0 : (curves.frames() - window) / hop + 1;
    const std::size_t each = windows / k_most_blocks + 1;
    m_hop = each * hop;
    m_sums.emplace_back(tempi());
    CorrelationScratch scratch;
    for (std::size_t first = 0; first + each <= windows; first += each) {
      const Periodicity heard(curves, {first * hop, (first + each - 1) * hop + window}, scratch);
      Strengths sum = m_sums.back();
      double bpm = Periodicity::k_slowest;
      for (double& value : sum) {
        value += heard.comb(bpm);
        bpm *= k_tempo_step;
      }
      m_sums.push_back(std::move(sum));
    }
  }

  [[nodiscard]] static std::size_t tempi() {
    return static_cast<std::size_t>(std::log(Periodicity::k_fastest / Periodicity::k_slowest) /
                                    std::log(k_tempo_step)) +
           1;
  }
  [[nodiscard]] std::size_t blocks() const { return m_sums.size() - 1; }
  [[nodiscard]] std::size_t hop() const { return m_hop; }  ///< frames

  /// Means over the blocks from first to last, and over those before `low` and from `high` on.
  [[nodiscard]] Strengths within(std::size_t first, std::size_t last) const {
    Strengths out(tempi());
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = (m_sums[last][i] - m_sums[first][i]) / static_cast<double>(last - first);
    return out;
  }
  [[nodiscard]] Strengths around(std::size_t low, std::size_t high) const {
    Strengths out(tempi());
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] =
          (m_sums.back()[i] - m_sums[high][i] + m_sums[low][i]) / static_cast<double>(blocks() - high + low);
    return out;
  }

 private:
  std::size_t m_hop = 0;
  std::vector<Strengths> m_sums;  ///< over all blocks before each
};

/// What a tempo or an octave of it has.
double support(const Strengths& strengths, std::ptrdiff_t tempo) {
  double best = 0;
  for (const std::ptrdiff_t centre : {tempo - k_octave, tempo, tempo + k_octave})
    for (std::ptrdiff_t i = std::max<std::ptrdiff_t>(0, centre - k_near);
         i <= centre + k_near && i < std::ssize(strengths); ++i)
      best = std::max(best, strengths[static_cast<std::size_t>(i)]);
  return best;
}

std::ptrdiff_t strongest(const Strengths& strengths) {
  const auto at = [](double bpm) {
    return static_cast<std::ptrdiff_t>(std::log(bpm / Periodicity::k_slowest) / std::log(k_tempo_step));
  };
  return std::max_element(strengths.begin() + at(k_slowest_heard), strengths.begin() + at(k_fastest_heard)) -
         strengths.begin();
}

/// One is another's octave, third or triple.
bool related(double a, double b) {
  constexpr std::array k_relatives = {0.25, 1.0 / 3, 0.5, 1.0, 2.0, 3.0, 4.0};
  constexpr double k_same = 0.03;
  return std::any_of(k_relatives.begin(), k_relatives.end(),
                     [&](double ratio) { return std::abs(a * ratio / b - 1) < k_same; });
}

double bpm_at(std::ptrdiff_t tempo) {
  return Periodicity::k_slowest * std::pow(k_tempo_step, static_cast<double>(tempo));
}

/// Blocks from first to last, which have another tempo than those around, but for one on either side.
struct Inset {
  std::size_t first = 0, last = 0;
  std::ptrdiff_t inner = 0, outer = 0;  ///< tempi, in steps
  double lead = 0;
};

class InsetSearch {
 public:
  explicit InsetSearch(const Tempogram& heard) : m_heard(heard) {}

  [[nodiscard]] std::optional<Inset> best() const {
    Inset best;
    best.lead = k_lead_at_home;
    bool found = false;
    for (std::size_t first = 0; first < m_heard.blocks(); ++first)
      for (std::size_t last = first + k_least_blocks; last <= m_heard.blocks(); ++last) {
        const Inset inset = weigh(first, last);
        if (inset.lead <= best.lead || !blocks_agree(inset)) continue;
        best = inset;
        found = true;
      }
    return found ? std::optional(best) : std::nullopt;
  }

 private:
  [[nodiscard]] std::size_t low(std::size_t first) const { return first > 0 ? first - 1 : 0; }
  [[nodiscard]] std::size_t high(std::size_t last) const { return std::min(m_heard.blocks(), last + 1); }

  /// Without a lead where one of the tempi is hardly heard, or they are relatives.
  [[nodiscard]] Inset weigh(std::size_t first, std::size_t last) const {
    Inset out{first, last, 0, 0, 0};
    if (m_heard.blocks() - high(last) + low(first) < k_least_blocks) return out;
    const Strengths inside = m_heard.within(first, last), around = m_heard.around(low(first), high(last));
    out.inner = strongest(inside), out.outer = strongest(around);
    const double in = support(inside, out.inner), out_of_it = support(around, out.outer);
    if (std::min(in, out_of_it) < k_least_strength || related(bpm_at(out.inner), bpm_at(out.outer)))
      return out;
    out.lead = std::min(1 - support(inside, out.outer) / in, 1 - support(around, out.inner) / out_of_it);
    return out;
  }

  [[nodiscard]] bool blocks_agree(const Inset& inset) const {
    std::size_t inside = 0, around = 0, agree_inside = 0, agree_around = 0;
    for (std::size_t block = 0; block < m_heard.blocks(); ++block) {
      const bool is_inside = block >= inset.first && block < inset.last;
      if (!is_inside && block >= low(inset.first) && block < high(inset.last)) continue;
      const Strengths here = m_heard.within(block, block + 1);
      const double inner = support(here, inset.inner), outer = support(here, inset.outer);
      inside += is_inside ? 1 : 0, around += is_inside ? 0 : 1;
      agree_inside += is_inside && inner > outer ? 1 : 0, agree_around += !is_inside && outer > inner ? 1 : 0;
    }
    return static_cast<double>(agree_inside) >= k_agreeing * static_cast<double>(inside) &&
           static_cast<double>(agree_around) >= k_agreeing * static_cast<double>(around);
  }

  const Tempogram& m_heard;
};

/// From where the first window of the inset begins to where its last one is over, with what is before and
/// after. A block at the end of the track that was left out for being on the border goes with the inset.
std::vector<FrameRange> ranges_of(const Inset& inset, const Tempogram& heard, std::size_t frames) {
  const std::size_t first = inset.first > 1 ? inset.first * heard.hop() : 0;
  const std::size_t last = inset.last + 1 < heard.blocks() ? (inset.last + 1) * heard.hop() : frames;
  std::vector<FrameRange> out;
  if (first > 0) out.push_back({0, first});
  out.push_back({first, last});
  if (last < frames) out.push_back({last, frames});
  return out;
}

bool is_sure(const TempoEstimate& tempo) {
  return tempo.confidence >= k_sure;
}

/// Puts a stretch behind others; one of a tempo that is not sure, or a relative of its neighbour's, is part
/// of that neighbour.
void append(std::vector<TempoStretch>& stretches, TempoStretch next) {
  if (!stretches.empty()) {
    TempoStretch& before = stretches.back();
    const bool one = related(before.tempo.bpm, next.tempo.bpm);
    if (one || !is_sure(next.tempo) || !is_sure(before.tempo)) {
      const bool longer = next.range.size() > before.range.size();
      if (is_sure(before.tempo) == is_sure(next.tempo) ? longer : is_sure(next.tempo))
        before.tempo = next.tempo;
      before.range.last = next.range.last;
      return;
    }
  }
  stretches.push_back(next);
}

}  // namespace

std::vector<TempoStretch> find_tempo_stretches(const OnsetCurves& curves, const TempoOptions& options) {
  const Tempogram heard(curves);
  const auto inset = InsetSearch(heard).best();
  if (!inset) return {};
  std::vector<TempoStretch> out;
  for (const FrameRange range : ranges_of(*inset, heard, curves.frames()))
    append(out, {range, estimate_tempo(cut(curves, range), 0, options).value_or(TempoEstimate{})});
  if (out.size() < 2) out.clear();
  return out;
}

const TempoStretch& longest(const std::vector<TempoStretch>& stretches) {
  return *std::max_element(stretches.begin(), stretches.end(),
                           [](const auto& a, const auto& b) { return a.range.size() < b.range.size(); });
}

double share_of_longest(const std::vector<TempoStretch>& stretches) {
  const double bpm = longest(stretches).tempo.bpm;
  std::size_t same = 0;
  for (const TempoStretch& stretch : stretches)
    same += related(stretch.tempo.bpm, bpm) ? stretch.range.size() : 0;
  return static_cast<double>(same) / static_cast<double>(stretches.back().range.last);
}

}  // namespace kbeat::audio
