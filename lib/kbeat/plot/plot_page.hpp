// What is on the page: the numbers of one analyzed track.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/audio/plot_data.hpp"
#include "kbeat/plot/canvas.hpp"

namespace kbeat::plot {

struct PlotPage {
  std::string name;                      ///< of the track, as headline
  std::string summary;                   ///< tempo, key and loudness in words
  std::optional<double> bpm;             ///< beats per minute
  std::optional<double> lufs;            ///< integrated loudness
  std::vector<double> beats, downbeats;  ///< s
  audio::PlotData data;
};

/// Reads what an analysis printed, with `plot` in it. Throws Error{internal} when that is not whole: it comes
/// from a process that is not trusted.
[[nodiscard]] PlotPage read_page(const std::string& name, std::string_view analysis);

/// Waveform with beats, spectrogram, chroma, tempogram and loudness over one axis of time, 1200 × 800.
[[nodiscard]] std::string draw_page(const PlotPage& page, PictureForm form);

}  // namespace kbeat::plot
