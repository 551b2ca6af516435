// Gathers during the one pass what a picture of the track needs.
#pragma once

#include <span>
#include <vector>

#include "kbeat/audio/chroma.hpp"
#include "kbeat/audio/float_lanes.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/peak_overview.hpp"
#include "kbeat/audio/plot_data.hpp"

namespace kbeat::audio {

/// Keeps 3 MB at most.
class PlotCollector {
 public:
  PlotCollector();

  void write_samples(std::span<const float> mono);
  /// Power spectra of the onset STFT.
  void write_spectrum(std::span<const Lanes> power, std::size_t frames);

  /// `loudness_steps` are weighted mean squares of 100 ms.
  [[nodiscard]] PlotData finish(const OnsetCurves& curves, const ChromaTrack& harmony,
                                std::span<const float> loudness_steps) const;

 private:
  struct Range {
    std::size_t first = 0, last = 0;  ///< bins
  };

  std::vector<Range> m_bands;
  std::vector<float> m_slice;  ///< power of each band in a frame
  PeakOverview m_spectrum;
  PeakOverview m_waveform;  ///< highest sample and highest of the samples turned over
};

}  // namespace kbeat::audio
