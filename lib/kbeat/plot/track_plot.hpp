// The door to libkbeat_plot.so.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/plot/canvas.hpp"

namespace kbeat::plot {

inline constexpr const char* k_draw_track = "kbeat_draw_track";

/// Sets `picture` to a page about the track `name`, drawn from an analysis as it is printed, made with
/// AnalyzeOptions::plot. Throws Error{internal}.
using DrawTrack = void(const std::string& name, std::string_view analysis, PictureForm form,
                       std::string& picture);

}  // namespace kbeat::plot
