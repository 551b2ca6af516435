// The panels of a page: each draws its numbers into its place.
#include "kbeat/plot/panels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace kbeat::plot {
namespace {

constexpr Colour k_frame{0, 0, 0};
constexpr Colour k_faint{0.8, 0.8, 0.8};
constexpr Colour k_wave{0.45, 0.6, 0.75};
constexpr Colour k_beat{0.35, 0.35, 0.35, 0.7};
constexpr Colour k_downbeat{0.75, 0.1, 0.1};
constexpr Colour k_short_term{0.1, 0.2, 0.5};
constexpr double k_small = 11;
constexpr double k_label_gap = 52;  // from a panel to its axis' name

void draw_frame(Canvas& canvas, const Panel& panel, const Axis& axis) {
  const Rect& place = panel.place;
  for (const Tick& tick : axis.ticks) {
    const double y = panel.y_of(axis, tick.value);
    canvas.line({place.x - 4, y}, {place.x, y}, {k_frame, 1});
    canvas.text({place.x - 7, y + 4}, tick.label, Align::right, k_small);
  }
  canvas.upright_text({place.x - k_label_gap, place.y + place.height / 2}, axis.name, k_small);
  for (const Tick& tick : time_ticks(panel.start, panel.seconds, 12)) {
    const double x = panel.x_of(tick.value);
    canvas.line({x, place.bottom()}, {x, place.bottom() + 3}, {k_frame, 1});
  }
  const std::array corners{Point{place.x, place.y}, Point{place.right(), place.y},
                           Point{place.right(), place.bottom()}, Point{place.x, place.bottom()},
                           Point{place.x, place.y}};
  canvas.curve(corners, {k_frame, 1});
}

void draw_rules(Canvas& canvas, const Panel& panel, const Axis& axis) {
  for (const Tick& tick : axis.ticks) {
    const double y = panel.y_of(axis, tick.value);
    canvas.line({panel.place.x, y}, {panel.place.right(), y}, {k_faint, 1});
  }
}

double column_x(const Panel& panel, std::size_t column) {
  return panel.place.x + panel.place.width * (static_cast<double>(column) + 0.5) / audio::k_plot_columns;
}

std::vector<Point> curve_of(const Panel& panel, const Axis& axis, const std::vector<float>& values) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double y = panel.y_of(axis, static_cast<double>(values[i]));
    points.push_back({column_x(panel, i), std::clamp(y, panel.place.y, panel.place.bottom())});
  }
  return points;
}

/// Pixels from one to the next, on average.
double spacing(const Panel& panel, const std::vector<double>& times) {
  if (times.size() < 2) return panel.place.width;
  return (panel.x_of(times.back()) - panel.x_of(times.front())) / static_cast<double>(times.size() - 1);
}

/// Marks that hang from the top and stand on the bottom, so that the waveform is seen between them.
void draw_marks(Canvas& canvas, const Panel& panel, const std::vector<double>& times, double length,
                const Pen& pen) {
  const Rect& place = panel.place;
  for (const double time : times) {
    const double x = panel.x_of(time);
    canvas.line({x, place.y}, {x, place.y + length}, pen);
    canvas.line({x, place.bottom() - length}, {x, place.bottom()}, pen);
  }
}

/// Beats are thin and short, downbeats strong and long, all through the panel where there is room: told apart
/// in grey too. What would run into one another is not drawn.
void draw_beats(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  constexpr double k_least = 4, k_roomy = 20;  // pixels
  constexpr double k_beat_length = 12, k_downbeat_length = 24;
  if (spacing(panel, page.beats) >= k_least)
    draw_marks(canvas, panel, page.beats, k_beat_length, {k_beat, 1});
  const double between = spacing(panel, page.downbeats);
  if (between < k_least) {
    canvas.text({panel.place.right() - 6, panel.place.bottom() - 6}, "beats lie too close to be drawn",
                Align::right, k_small);
    return;
  }
  draw_marks(canvas, panel, page.downbeats, between >= k_roomy ? panel.place.height / 2 : k_downbeat_length,
             {k_downbeat, 1.4});
}

}  // namespace

void draw_waveform(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  const Axis axis = linear_axis("full scale", -1, 1, {-1, -0.5, 0, 0.5, 1});
  draw_rules(canvas, panel, axis);
  std::vector<Point> outline = curve_of(panel, axis, page.data.highest);
  const std::vector<Point> below = curve_of(panel, axis, page.data.lowest);
  outline.insert(outline.end(), below.rbegin(), below.rend());
  canvas.fill(outline, k_wave);
  draw_beats(canvas, panel, page);
  draw_frame(canvas, panel, axis);
}

void draw_spectrogram(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  canvas.image(panel.place, page.data.spectrogram);
  draw_frame(canvas, panel,
             logarithmic_axis("frequency, Hz", audio::k_plot_lowest_hz, audio::k_plot_highest_hz,
                              {50, 100, 200, 500, 1000, 2000, 5000, 10000}));
}

void draw_chroma(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  canvas.image(panel.place, page.data.chroma);
  draw_frame(canvas, panel,
             named_axis("pitch class", {"C", "", "D", "", "E", "", "", "G", "", "A", "", "B"}));
}

void draw_tempogram(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  const Axis axis = logarithmic_axis("tempo, bpm", audio::k_plot_slowest, audio::k_plot_fastest,
                                     {40, 60, 80, 120, 160, 240});
  canvas.image(panel.place, page.data.tempogram);
  if (page.bpm && *page.bpm > audio::k_plot_slowest && *page.bpm < audio::k_plot_fastest) {
    const double y = panel.y_of(axis, *page.bpm);
    canvas.line({panel.place.x, y}, {panel.place.right(), y}, {k_downbeat, 1});
  }
  draw_frame(canvas, panel, axis);
}

void draw_loudness(Canvas& canvas, const Panel& panel, const PlotPage& page) {
  const Axis axis = linear_axis("loudness, LUFS", -48, 0, {-48, -36, -24, -12, 0});
  draw_rules(canvas, panel, axis);
  canvas.curve(curve_of(panel, axis, page.data.momentary), {k_wave, 1});
  canvas.curve(curve_of(panel, axis, page.data.short_term), {k_short_term, 2});
  if (page.lufs && *page.lufs > -48 && *page.lufs < 0) {
    const double y = panel.y_of(axis, *page.lufs);
    canvas.line({panel.place.x, y}, {panel.place.right(), y}, {k_downbeat, 1});
  }
  canvas.text({panel.place.right() - 6, panel.place.bottom() - 6},
              "thin: 400 ms   thick: 3 s   straight: integrated", Align::right, k_small);
  draw_frame(canvas, panel, axis);
}

}  // namespace kbeat::plot
