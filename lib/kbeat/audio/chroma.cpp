// Pitch classes heard over time: harmonic pitch class profiles from spectral peaks.
#include "kbeat/audio/chroma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace kbeat::audio {
namespace {

constexpr double k_bin = k_analysis_rate / k_chroma_size;                              // Hz
constexpr double k_lowest_chroma = 60, k_highest_chroma = 3'500, k_tuning_from = 120;  // Hz
constexpr std::size_t k_most_peaks = 60;
constexpr std::size_t k_envelope_reach = 12;  // bins, 65 Hz to each side
constexpr float k_stands_out = 2.5F;          // a peak over its surroundings' mean that is taken for a tone,
constexpr float k_rises = 1.5F;               // and one that may be a tone's partial
constexpr std::size_t k_segment_frames = 8;   // 0.74 s
// A note's fundamental gets votes from its six lowest partials. Drums and basses are loud, and what is sung
// and played over them tells the key as well: loudness counts by its fourth root, how far a partial rises by
// the square root of octaves. Chosen on the styles that training hears.
// Bins from a partial down to its fundamental, octaves left out.
constexpr std::array k_harmonic_places{
    0.0, 0.0, 70.195500086538742, 0.0, 38.631371386483473, 70.195500086538742};
constexpr double k_harmonic_decay = 0.75;
constexpr float k_inaudible = 1e-5F;  // magnitude, full scale 1

std::size_t bin_of(double frequency) {
  return static_cast<std::size_t>(frequency / k_bin);
}

/// Octaves over C, with A4 at 440 Hz.
double octaves_over_c(double frequency) {
  return std::log2(frequency / 440) + 0.75;
}

/// Modulo one octave.
double pitch_class(double octaves) {
  return octaves - std::floor(octaves);
}

}  // namespace

ChromaExtractor::ChromaExtractor() {
  const std::size_t bins = bin_of(k_highest_chroma) + k_envelope_reach + 2;
  m_magnitude.resize(bins);
  m_envelope.resize(bins);
  m_track.lines.resize(bins);
}

void ChromaExtractor::find_peaks() {
  m_partials.clear();
  m_peaks.clear();
  for (std::size_t k = bin_of(k_lowest_chroma); k <= bin_of(k_highest_chroma); ++k) {
    const float a = m_magnitude[k - 1], b = m_magnitude[k], c = m_magnitude[k + 1];
    // One branch, which is seldom taken, and not one for each condition.
    const bool rises = static_cast<int>(b >= k_rises * m_envelope[k]) & static_cast<int>(b > a) &
                       static_cast<int>(b >= c) & static_cast<int>(b >= k_inaudible);
    if (!rises) continue;
    const double la = std::log(static_cast<double>(a) + 1e-12), lb = std::log(static_cast<double>(b)),
                 lc = std::log(static_cast<double>(c) + 1e-12);
    const double shift = 0.5 * (la - lc) / (la - 2 * lb + lc);
    const double frequency = (static_cast<double>(k) + shift) * k_bin;
    const double root = std::sqrt(static_cast<double>(b));
    const double rise = std::log2(static_cast<double>(b / m_envelope[k]));
    m_partials.push_back({frequency, std::sqrt(root * rise)});
    // Whitened: how far it stands out counts, its loudness only by the square root.
    if (b >= k_stands_out * m_envelope[k]) m_peaks.push_back({frequency, root * rise});
  }
  if (m_peaks.size() <= k_most_peaks) return;
  std::nth_element(m_peaks.begin(), m_peaks.begin() + k_most_peaks, m_peaks.end(),
                   [](const Peak& a, const Peak& b) { return a.weight > b.weight; });
  m_peaks.resize(k_most_peaks);
}

/// Third, fifth, sixth and seventh harmonics are not where an equal-tempered note would be.
bool ChromaExtractor::is_mistuned_overtone(const Peak& peak) const {
  return std::any_of(m_peaks.begin(), m_peaks.end(), [&](const Peak& other) {
    if (other.weight < 0.3 * peak.weight) return false;
    const double ratio = peak.frequency / other.frequency, whole = std::round(ratio);
    return whole >= 3 && whole <= 7 && whole != 4 && std::abs(ratio - whole) < 0.006 * whole;
  });
}

void ChromaExtractor::vote(const Peak& partial, ChromaSegment& segment) const {
  const double place = pitch_class(octaves_over_c(partial.frequency)) * k_fine_bins + 0.5;
  double weight = partial.weight;
  for (const double below : k_harmonic_places) {
    const double fundamental = place >= below ? place - below : place - below + k_fine_bins;
    segment.harmony[static_cast<std::size_t>(fundamental) % k_fine_bins] += static_cast<float>(weight);
    weight *= k_harmonic_decay;
  }
}

void ChromaExtractor::note(const Peak& peak, Chroma& frame) {
  const double octaves = octaves_over_c(peak.frequency);
  frame[static_cast<std::size_t>(pitch_class(octaves) * 12 + 0.5) % 12] += static_cast<float>(peak.weight);
  if (peak.frequency < k_tuning_from || is_mistuned_overtone(peak)) return;
  m_track.tuning += std::polar(peak.weight, 2 * std::numbers::pi * 12 * octaves);
}

/// Windows two frames apart have no sample in common: a note lasts from one to the other, most drums do not.
bool ChromaExtractor::is_held(const Peak& peak) const {
  constexpr double k_same = 1.0145;  // a quarter of a semitone
  const auto& then = m_before[1];
  const auto near = std::lower_bound(then.begin(), then.end(), peak.frequency / k_same,
                                     [](const Peak& a, double frequency) { return a.frequency < frequency; });
  return near != then.end() && near->frequency < peak.frequency * k_same;
}

void ChromaExtractor::age_peak(Peak& peak) const {
  const double reach = 1.5 + 0.002 * peak.frequency;  // Hz, what a steady tone's place in noise differs by
  const auto& then = m_before[0];
  auto near = std::lower_bound(then.begin(), then.end(), peak.frequency - reach,
                               [](const Peak& a, double frequency) { return a.frequency < frequency; });
  for (; near != then.end() && near->frequency < peak.frequency + reach; ++near)
    peak.age = std::max(peak.age, near->age + 1);
}

void ChromaExtractor::draw_lines() {
  for (Peak& peak : m_peaks) {
    age_peak(peak);
    SpectralLine& line = m_track.lines[bin_of(peak.frequency)];
    line.weight += peak.weight;
    line.moment += peak.weight * peak.frequency;
    line.magnitude += static_cast<double>(m_magnitude[bin_of(peak.frequency + k_bin / 2)]);
    if (peak.age >= 2) line.steady += peak.weight;
    ++line.peaks;
  }
}

void ChromaExtractor::measure_tonality() {
  float strength = 0, held = 0, total = 1e-9F;
  for (const Peak& peak : m_peaks) {
    const float magnitude = m_magnitude[bin_of(peak.frequency)];
    strength += magnitude;
    if (!is_held(peak)) continue;
    held += magnitude;
    m_track.held_classes[static_cast<std::size_t>(pitch_class(octaves_over_c(peak.frequency)) * 12 + 0.5) %
                         12] += peak.weight;
  }
  for (std::size_t k = bin_of(k_lowest_chroma); k < bin_of(k_highest_chroma); ++k) total += m_magnitude[k];
  m_track.tonal.push_back(strength / total);
  m_track.held.push_back(held / total);
  m_before[1].swap(m_before[0]);
  m_before[0] = m_peaks;
  std::sort(m_before[0].begin(), m_before[0].end(),
            [](const Peak& a, const Peak& b) { return a.frequency < b.frequency; });
}

void ChromaExtractor::push_frame(std::span<const Lanes> power, std::size_t lane) {
  constexpr float k_scale = 4.0F / k_chroma_size;
  for (std::size_t k = 0; k < m_magnitude.size(); ++k) m_magnitude[k] = k_scale * std::sqrt(power[k][lane]);
  double running = 0;
  constexpr std::size_t k_width = 2 * k_envelope_reach + 1;
  for (std::size_t k = 0; k < m_magnitude.size(); ++k) {
    running += static_cast<double>(m_magnitude[k]);
    if (k >= k_width) running -= static_cast<double>(m_magnitude[k - k_width]);
    if (k >= k_envelope_reach)
      m_envelope[k - k_envelope_reach] =
          static_cast<float>(running / static_cast<double>(std::min(k + 1, k_width)));
  }
  if (m_track.segments.empty() || m_track.segments.back().frames == k_segment_frames)
    m_track.segments.emplace_back();
  ChromaSegment& segment = m_track.segments.back();
  Chroma& frame = m_track.frames.emplace_back();
  find_peaks();
  for (const Peak& partial : m_partials) vote(partial, segment);
  for (const Peak& peak : m_peaks) note(peak, frame);
  draw_lines();
  measure_tonality();
  ++segment.frames;
}

void ChromaExtractor::write(std::span<const Lanes> power, std::size_t frames) {
  for (std::size_t lane = 0; lane < frames; ++lane) push_frame(power, lane);
}

}  // namespace kbeat::audio
