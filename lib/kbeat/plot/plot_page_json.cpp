// From an analysis as it is printed to the numbers of a page.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/plot/plot_page.hpp"

namespace kbeat::plot {
namespace {

using Json = nlohmann::json;

[[noreturn]] void not_whole(const std::string& what) {
  throw Error(ErrorCode::internal, fmt::format("the analysis gave no plot to draw: {}", what));
}

audio::PlotGrid grid(const Json& plot, const char* name) {
  const auto bytes = decode_base64(plot.at(name).get_ref<const std::string&>());
  if (!bytes || bytes->empty() || bytes->size() % audio::k_plot_columns != 0 || bytes->size() > 1u << 20)
    not_whole(name);
  return {bytes->size() / audio::k_plot_columns, audio::k_plot_columns, {bytes->begin(), bytes->end()}};
}

std::vector<float> curve(const Json& plot, const char* name) {
  auto values = plot.at(name).get<std::vector<float>>();
  if (values.size() != audio::k_plot_columns) not_whole(name);
  return values;
}

std::optional<double> number(const Json& analysis, const char* name) {
  const auto found = analysis.find(name);
  if (found == analysis.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

std::string summary_of(const Json& analysis) {
  std::string words;
  const auto add = [&words](const std::string& part) { words += (words.empty() ? "" : "   ") + part; };
  const auto bpm = number(analysis, "bpm");
  add(bpm ? fmt::format("{:.2f} bpm", *bpm) : "no tempo");
  add(analysis.at("key").is_string() ? analysis.at("key").get<std::string>() : "no key");
  if (const auto lufs = number(analysis, "lufs_integrated")) add(fmt::format("{:.1f} LUFS", *lufs));
  if (const auto peak = number(analysis, "true_peak_dbtp")) add(fmt::format("{:.1f} dBTP", *peak));
  return words;
}

audio::PlotData read_data(const Json& plot) {
  audio::PlotData data;
  data.start = plot.at("start").get<double>();
  data.seconds = plot.at("seconds").get<double>();
  if (!(data.seconds > 0)) not_whole("seconds");
  data.lowest = curve(plot, "lowest");
  data.highest = curve(plot, "highest");
  data.spectrogram = grid(plot, "spectrogram");
  data.chroma = grid(plot, "chroma");
  data.tempogram = grid(plot, "tempogram");
  data.momentary = curve(plot, "momentary");
  data.short_term = curve(plot, "short_term");
  return data;
}

}  // namespace

PlotPage read_page(const std::string& name, std::string_view analysis) {
  try {
    const Json json = Json::parse(analysis);
    return {.name = clean_utf8(name, 120),
            .summary = summary_of(json),
            .bpm = number(json, "bpm"),
            .lufs = number(json, "lufs_integrated"),
            .beats = json.value("beats", std::vector<double>()),
            .downbeats = json.value("downbeats", std::vector<double>()),
            .data = read_data(json.at("plot"))};
  } catch (const Json::exception& error) {
    not_whole(error.what());
  }
}

}  // namespace kbeat::plot
