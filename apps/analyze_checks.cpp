// What is wrong with a call of analyze before any audio is looked at.
#include "analyze_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/net/file_url.hpp"
#include "new_file.hpp"
#include "track_files.hpp"

namespace kbeat::app {
namespace {

namespace fs = std::filesystem;

/// By whatever names and links.
bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code missing;
  return fs::equivalent(a, b, missing) && !missing;
}

/// Where the audio lies on this machine, whatever it was called; what is fetched has a name of no file.
std::string path_of(const AudioSource& source, int input) {
  if (source.kind == AudioKind::file) return source.name;
  if (source.kind == AudioKind::input) return fmt::format("/proc/self/fd/{}", input);
  return net::path_of_file_url(source.name).value_or("");
}

void check_written(const char* flag, const std::string& path, const std::vector<AudioSource>& sources,
                   int input) {
  const std::string shown = escape_for_terminal(path, 200);
  if (sources.size() > 1) {
    throw Error(ErrorCode::usage,
                fmt::format("{} names the file of one piece of audio, not of {}", flag, sources.size()));
  }
  if (is_same_file(path, path_of(sources.front(), input))) {
    throw Error(
        ErrorCode::usage,
        fmt::format("{} {}: that is the audio itself, which would be lost; give another name", flag, shown));
  }
  static_cast<void>(written_file(path, fmt::format("{} {}", flag, shown)));
}

bool are_written_to_one(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && (is_same_file(a, b) || written_file(a, a) == written_file(b, b));
}

void check_ids(const AnalyzeFlags& flags, const std::vector<AudioSource>& sources) {
  if (!flags.beat_id.empty() && sources.size() > 1) {
    throw Error(ErrorCode::usage, fmt::format("--beat-id names one piece of audio, not {}", sources.size()));
  }
  const auto from_stdin = std::count_if(sources.begin(), sources.end(), [](const AudioSource& source) {
    return source.kind == AudioKind::input;
  });
  if (from_stdin > 1) throw Error(ErrorCode::usage, "stdin can be read once: name - only once");
  if (flags.save && from_stdin > 0 && flags.beat_id.empty()) {
    throw Error(ErrorCode::usage, "audio from stdin has no name to be saved under: give --beat-id");
  }
}

}  // namespace

void check_sources(const AnalyzeFlags& flags, const std::vector<AudioSource>& sources, int input) {
  check_ids(flags, sources);
  if (!flags.plot.empty()) check_picture_name(flags.plot);
  for (const auto& [flag, path] : {std::pair{"--plot", flags.plot}, std::pair{"--click", flags.click}}) {
    if (!path.empty()) check_written(flag, path, sources, input);
  }
  if (are_written_to_one(flags.click, flags.plot)) {
    throw Error(ErrorCode::usage, "--plot and --click name the same file");
  }
  if (!flags.click.empty() && sources.front().kind == AudioKind::input) {
    throw Error(ErrorCode::usage,
                "--click reads the audio twice, which stdin cannot be: save it to a file first");
  }
}

}  // namespace kbeat::app
