// Pitch classes heard over time: harmonic pitch class profiles from spectral peaks.
#pragma once

#include <array>
#include <complex>
#include <span>
#include <vector>

#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/mono_22k.hpp"

namespace kbeat::audio {

inline constexpr std::size_t k_chroma_size = 4096, k_chroma_hop = 2048;  // samples at 22,050 Hz
inline constexpr double k_chroma_rate = k_analysis_rate / k_chroma_hop;  // frames a second
inline constexpr std::size_t k_fine_bins = 120;                          // an octave, 10 cents each

using Fine = std::array<float, k_fine_bins>;  ///< bin 0 is C at A4 = 440 Hz
using Chroma = std::array<float, 12>;         ///< C, C#, … B

struct ChromaSegment {
  Fine harmony{};  ///< all partials and their subharmonics
  std::size_t frames = 0;
};

/// The peaks that fell into one bin of the spectrum, summed over the piece.
struct SpectralLine {
  double weight = 0, moment = 0;  ///< the latter times Hz
  double steady = 0;              ///< weight of those that sounded as high in the two frames before
  double magnitude = 0;           ///< full scale 1
  std::size_t peaks = 0;
};

struct ChromaTrack {
  std::vector<ChromaSegment> segments;    ///< of 0.74 s, about a chord
  std::vector<Chroma> frames;             ///< coarse, at k_chroma_rate, for changes of harmony
  std::vector<float> tonal;               ///< a frame's share of magnitude in peaks that stand out
  std::vector<float> held;                ///< and in those that already stood out two frames before
  std::array<double, 12> held_classes{};  ///< weight of those by nearest pitch class at A4 = 440 Hz
  std::vector<SpectralLine> lines;        ///< by bin, k_analysis_rate / k_chroma_size apart
  std::complex<double> tuning;            ///< sum of peak weights at their phase within a semitone
};

/// Gómez, Tonal description of music audio signals, PhD thesis, UPF 2006: up to 60 peaks of 60 to 3,500 Hz,
/// and for the harmony all partials that rise over their surroundings, each voting for the fundamentals it
/// may be a harmonic of.
class ChromaExtractor {
 public:
  ChromaExtractor();
  void write(std::span<const Lanes> power, std::size_t frames);
  [[nodiscard]] ChromaTrack take() { return std::move(m_track); }

 private:
  struct Peak {
    double frequency = 0;  ///< Hz
    double weight = 0;
    std::size_t age = 0;  ///< frames before in which it sounded as high
  };
  void push_frame(std::span<const Lanes> power, std::size_t lane);
  void find_peaks();
  [[nodiscard]] bool is_mistuned_overtone(const Peak& peak) const;
  void vote(const Peak& partial, ChromaSegment& segment) const;
  void note(const Peak& peak, Chroma& frame);
  [[nodiscard]] bool is_held(const Peak& peak) const;
  void age_peak(Peak& peak) const;
  void draw_lines();
  void measure_tonality();

  std::vector<float> m_magnitude, m_envelope;
  std::vector<Peak> m_partials;
  std::vector<Peak> m_peaks;
  std::array<std::vector<Peak>, 2> m_before;  ///< one frame ago and two, by frequency
  ChromaTrack m_track;
};

}  // namespace kbeat::audio
