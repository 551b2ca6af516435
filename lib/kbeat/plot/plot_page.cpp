// Lays the panels out under each other.
#include "kbeat/plot/plot_page.hpp"

#include <array>
#include <string_view>

#include "kbeat/plot/panels.hpp"

namespace kbeat::plot {
namespace {

constexpr double k_width = 1200, k_height = 800;
constexpr double k_left = 80, k_right = 20, k_top = 50, k_bottom = 50, k_gap = 26;

struct Section {
  std::string_view title;
  double share;  ///< of the height that panels have
  void (*draw)(Canvas& canvas, const Panel& panel, const PlotPage& page);
};

constexpr std::array k_sections{Section{"waveform, with beats and downbeats", 0.22, draw_waveform},
                                Section{"spectrogram", 0.25, draw_spectrogram},
                                Section{"chroma", 0.17, draw_chroma},
                                Section{"tempogram, with the tempo found", 0.18, draw_tempogram},
                                Section{"loudness", 0.18, draw_loudness}};

}  // namespace

std::string draw_page(const PlotPage& page, PictureForm form) {
  Canvas canvas(form, k_width, k_height);
  canvas.text({k_left, 22}, page.name, Align::left, 15);
  canvas.text({k_width - k_right, 22}, page.summary, Align::right, 15);
  const double room = k_height - k_top - k_bottom - k_gap * (k_sections.size() - 1);
  Panel panel{{k_left, k_top, k_width - k_left - k_right, 0}, page.data.start, page.data.seconds};
  for (const Section& section : k_sections) {
    panel.place.height = room * section.share;
    canvas.text({k_left, panel.place.y - 6}, std::string(section.title), Align::left, 11);
    section.draw(canvas, panel, page);
    panel.place.y = panel.place.bottom() + k_gap;
  }
  const double bottom = k_height - k_bottom;
  for (const Tick& tick : time_ticks(panel.start, panel.seconds, 12)) {
    canvas.text({panel.x_of(tick.value), bottom + 16}, tick.label, Align::centre, 11);
  }
  canvas.text({k_left + panel.place.width / 2, bottom + 36},
              page.data.seconds < 60 ? "time, s" : "time, min:s", Align::centre, 12);
  return canvas.finish();
}

}  // namespace kbeat::plot
