// The files that analyze makes of one track: its picture, and the track with clicks on its beats.
#include "track_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/plugin.hpp"
#include "kbeat/plot/track_plot.hpp"
#include "new_file.hpp"

namespace kbeat::app {
namespace {

plot::PictureForm form_of(const std::string& path) {
  const std::string suffix = std::filesystem::path(path).extension().string();
  if (suffix == ".png") return plot::PictureForm::png;
  if (suffix == ".svg") return plot::PictureForm::svg;
  throw Error(ErrorCode::usage, fmt::format("--plot \"{}\": give a name that ends in .png or .svg",
                                            escape_for_terminal(path, 200)));
}

}  // namespace

std::string without_plot(std::string_view analysis) {
  // The plot is the last member, and nothing in a JSON string looks like the start of one.
  const std::size_t plot = analysis.rfind(",\"plot\":{");
  if (plot == std::string_view::npos) return std::string(analysis);
  return fmt::format("{}}}", analysis.substr(0, plot));
}

void check_picture_name(const std::string& path) {
  static_cast<void>(form_of(path));
}

void write_picture(const std::string& path, const std::string& track, std::string_view analysis) {
  std::string picture;
  plugin_function<plot::DrawTrack>("plot", plot::k_draw_track)(track, analysis, form_of(path), picture);
  NewFile file(path);
  file.write(picture);
  file.keep();
}

void write_clicks(const std::string& path, const ClickJob& job, net::Downloader& downloader,
                  std::stop_token stop) {
  const net::FetchedFile audio = open_audio(job.source, -1, downloader, stop);
  NewFile file(path);
  const auto sink = [&file](std::string_view bytes) { file.write(bytes); };
  if (job.in_process) {
    plugin_function<audio::ClickDescriptor>("audio", audio::k_click_descriptor)(audio.descriptor(),
                                                                                job.request, sink);
  } else if (const auto error =
                 confine::make_click_track(audio.descriptor(), job.limits, job.request, sink, stop)) {
    throw Error(*error);
  }
  file.keep();
}

}  // namespace kbeat::app
