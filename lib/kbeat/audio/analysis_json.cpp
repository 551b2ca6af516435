// The analysis as the JSON object that is printed, stored and sent.
#include "kbeat/audio/analysis_json.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "kbeat/base/base64.hpp"

namespace kbeat::audio {
namespace {

using Json = nlohmann::ordered_json;

Json rounded(double value, int decimals) {
  if (!std::isfinite(value)) return nullptr;
  const double scale = std::pow(10.0, decimals);
  // Adding 0 turns -0 into 0.
  return std::round(value * scale) / scale + 0.0;
}

Json rounded(const std::optional<double>& value, int decimals) {
  return value ? rounded(*value, decimals) : Json(nullptr);
}

Json rounded(const std::vector<double>& values, int decimals) {
  Json out = Json::array();
  for (const double value : values) out.push_back(rounded(value, decimals));
  return out;
}

/// To six significant digits.
Json significant(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == 0) return 0.0;
  return rounded(value, 5 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
}

Json significant(const std::optional<double>& value) {
  return value ? significant(*value) : Json(nullptr);
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

void put_rhythm(Json& json, const CoreMetrics& core, BeatTimes beats) {
  json["bpm"] = rounded(core.bpm, 2);
  json["bpm_raw"] = rounded(core.bpm_raw, 2);
  json["bpm_alt"] = rounded(core.bpm_alt, 2);
  json["bpm_confidence"] = rounded(core.bpm_confidence, 3);
  json["octave_confidence"] = rounded(core.octave_confidence, 3);
  json["bpm_stability"] = rounded(core.bpm_stability, 3);
  if (beats == BeatTimes::listed) {
    json["beats"] = rounded(core.beats, 3);
    json["downbeats"] = rounded(core.downbeats, 3);
  }
  json["beats_per_bar"] = or_null(core.beats_per_bar);
  json["first_beat"] = rounded(core.first_beat, 3);
}

void put_key(Json& json, const CoreMetrics& core) {
  json["key"] = or_null(core.key);
  json["mode"] = or_null(core.mode);
  json["camelot"] = or_null(core.camelot);
  json["open_key"] = or_null(core.open_key);
  json["key_confidence"] = rounded(core.key_confidence, 3);
  json["key_alt"] = or_null(core.key_alt);
  json["tuning_hz"] = rounded(core.tuning_hz, 2);
}

void put_levels(Json& json, const CoreMetrics& core) {
  json["lufs_integrated"] = rounded(core.lufs_integrated, 2);
  json["lra"] = rounded(core.lra, 2);
  json["true_peak_dbtp"] = rounded(core.true_peak_dbtp, 2);
  json["sample_peak_dbfs"] = rounded(core.sample_peak_dbfs, 2);
  json["rms_dbfs"] = rounded(core.rms_dbfs, 2);
  json["crest_db"] = rounded(core.crest_db, 2);
  json["clipped_runs"] = core.clipped_runs;
  json["dc_offset"] = rounded(core.dc_offset, 6);
  json["silence_head"] = rounded(core.silence_head, 3);
  json["silence_tail"] = rounded(core.silence_tail, 3);
  json["energy"] = rounded(core.energy, 1);
  json["flags"] = core.flags;
}

void put_statistic(Json& json, const std::string& name, const Statistic& statistic) {
  json[name + "_mean"] = significant(statistic.mean);
  json[name + "_sd"] = significant(statistic.sd);
  json[name + "_median"] = significant(statistic.median);
}

void put_statistics(Json& json, const std::string& name, const std::vector<Statistic>& statistics) {
  for (const auto& [suffix, part] : {std::pair{"_mean", &Statistic::mean}, std::pair{"_sd", &Statistic::sd},
                                     std::pair{"_median", &Statistic::median}}) {
    Json values = Json::array();
    for (const Statistic& statistic : statistics) values.push_back(significant(statistic.*part));
    json[name + suffix] = std::move(values);
  }
}

void put_extra(Json& json, const ExtraMetrics& extra) {
  json["momentary_max_lufs"] = rounded(extra.momentary_max_lufs, 2);
  json["short_term_max_lufs"] = rounded(extra.short_term_max_lufs, 2);
  put_statistic(json, "spectral_centroid", extra.spectral_centroid);
  put_statistic(json, "spectral_bandwidth", extra.spectral_bandwidth);
  put_statistic(json, "spectral_rolloff", extra.spectral_rolloff);
  put_statistic(json, "spectral_flatness", extra.spectral_flatness);
  put_statistics(json, "spectral_contrast", extra.spectral_contrast);
  put_statistics(json, "mfcc", extra.mfcc);
  put_statistic(json, "zero_crossing_rate", extra.zero_crossing_rate);
  put_statistic(json, "rms", extra.rms);
  put_statistic(json, "flux", extra.flux);
  json["onset_rate"] = significant(extra.onset_rate);
  json["danceability"] = significant(extra.danceability);
  json["dynamic_complexity"] = significant(extra.dynamic_complexity);
  json["stereo_width"] = significant(extra.stereo_width);
  json["stereo_correlation"] = significant(extra.stereo_correlation);
  json["energy_curve"] = rounded(extra.energy_curve, 1);
  json["waveform"] = rounded(extra.waveform, 3);
  json["chords"] = Json::array();
  for (const std::string& chord : extra.chords) json["chords"].push_back(text_or_null(chord));
}

std::string base64(const PlotGrid& grid) {
  std::string out;
  append_base64(out, {reinterpret_cast<const char*>(grid.cells.data()), grid.cells.size()});
  return out;
}

Json plot_json(const PlotData& plot) {
  const auto curve = [](const std::vector<float>& values, int decimals) {
    Json out = Json::array();
    for (const float value : values) out.push_back(rounded(static_cast<double>(value), decimals));
    return out;
  };
  return {{"start", rounded(plot.start, 3)},         {"seconds", rounded(plot.seconds, 9)},
          {"lowest", curve(plot.lowest, 3)},         {"highest", curve(plot.highest, 3)},
          {"spectrogram", base64(plot.spectrogram)}, {"chroma", base64(plot.chroma)},
          {"tempogram", base64(plot.tempogram)},     {"momentary", curve(plot.momentary, 1)},
          {"short_term", curve(plot.short_term, 1)}};
}

}  // namespace

std::string to_json(const Analysis& analysis, const AnalysisJsonOptions& options) {
  Json json = Json::object();
  const CoreMetrics& core = analysis.core;
  json["title"] = text_or_null(analysis.tags.title);
  json["artist"] = text_or_null(analysis.tags.artist);
  json["tagged_bpm"] = rounded(analysis.tags.bpm, 2);
  json["tagged_key"] = text_or_null(analysis.tags.key);
  json["duration"] = rounded(core.duration, 3);
  json["sample_rate"] = core.sample_rate;
  json["channels"] = core.channels;
  json["codec"] = core.codec;
  put_rhythm(json, core, options.beats);
  put_key(json, core);
  put_levels(json, core);
  if (options.metrics == MetricSet::all) put_extra(json, analysis.extra);
  json["analysis_version"] = analysis.version;
  if (analysis.plot) json["plot"] = plot_json(*analysis.plot);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace kbeat::audio
