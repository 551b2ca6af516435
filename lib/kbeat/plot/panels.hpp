// The panels of a page: each draws its numbers into its place.
#pragma once

#include "kbeat/plot/axis.hpp"
#include "kbeat/plot/plot_page.hpp"

namespace kbeat::plot {

/// A panel's place with the page's common axis of time.
struct Panel {
  Rect place;
  double start = 0, seconds = 1;

  [[nodiscard]] double x_of(double time) const { return place.x + place.width * (time - start) / seconds; }
  [[nodiscard]] double y_of(const Axis& axis, double value) const {
    return place.bottom() - place.height * axis.height(value);
  }
};

void draw_waveform(Canvas& canvas, const Panel& panel, const PlotPage& page);
void draw_spectrogram(Canvas& canvas, const Panel& panel, const PlotPage& page);
void draw_chroma(Canvas& canvas, const Panel& panel, const PlotPage& page);
void draw_tempogram(Canvas& canvas, const Panel& panel, const PlotPage& page);
void draw_loudness(Canvas& canvas, const Panel& panel, const PlotPage& page);

}  // namespace kbeat::plot
