// The door to libkbeat_plot.so for those who load it while they run.
#include "kbeat/plot/track_plot.hpp"

#include "kbeat/plot/plot_page.hpp"

extern "C" void kbeat_draw_track(const std::string& name, std::string_view analysis,
                                 kbeat::plot::PictureForm form, std::string& picture) {
  picture = kbeat::plot::draw_page(kbeat::plot::read_page(name, analysis), form);
}
