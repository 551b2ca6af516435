// What a picture of a track is drawn from: everything brought to the same columns of time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kbeat::audio {

inline constexpr std::size_t k_plot_columns = 1000;

/// Cells from 0 to 255, row after row; row 0 is the lowest.
struct PlotGrid {
  std::size_t rows = 0, columns = 0;
  std::vector<std::uint8_t> cells;
};

inline constexpr double k_plot_lowest_hz = 40,
                        k_plot_highest_hz = 10'500;                 ///< of the spectrogram, logarithmic
inline constexpr double k_plot_range_db = 70;                       ///< from 0 to 255
inline constexpr double k_plot_slowest = 40, k_plot_fastest = 250;  ///< bpm, of the tempogram, logarithmic

struct PlotData {
  double start = 0, seconds = 0;             ///< the stretch of the file that the columns divide
  std::vector<float> lowest, highest;        ///< samples of a column, full scale 1
  PlotGrid spectrogram;                      ///< dB under the loudest cell
  PlotGrid chroma;                           ///< C to B
  PlotGrid tempogram;                        ///< local autocorrelation of the onsets
  std::vector<float> momentary, short_term;  ///< LUFS of 400 ms and 3 s; -70 is silence
};

}  // namespace kbeat::audio
