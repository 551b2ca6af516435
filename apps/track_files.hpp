// The files that analyze makes of one track: its picture, and the track with clicks on its beats.
#pragma once

#include <string>
#include <string_view>

#include "audio_sources.hpp"
#include "kbeat/confine/analyzer.hpp"

namespace kbeat::app {

/// An analysis without the numbers that only a picture needs.
[[nodiscard]] std::string without_plot(std::string_view analysis);

/// Throws Error{usage} unless the name ends in .png or .svg.
void check_picture_name(const std::string& path);

/// Draws an analysis that was asked for its plot. Throws Error{io, no_space, internal}.
void write_picture(const std::string& path, const std::string& track, std::string_view analysis);

struct ClickJob {
  const AudioSource& source;
  const confine::AnalyzeLimits& limits;
  const audio::AnalysisRequest& request;
  bool in_process = false;
};

/// Reads the source once more; throws what opening, decoding or writing failed with.
void write_clicks(const std::string& path, const ClickJob& job, net::Downloader& downloader,
                  std::stop_token stop);

}  // namespace kbeat::app
