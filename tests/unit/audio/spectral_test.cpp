// Spectral measures against librosa's on the same samples.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "kbeat/audio/analyze.hpp"
#include "librosa_values.hpp"

using namespace kbeat::audio;

namespace {

const ExtraMetrics& sample_metrics() {
  static const ExtraMetrics metrics = [] {
    auto reader = FileReader::from_path(std::string(KBEAT_SAMPLES) + "/audio/beat-120-a-minor.wav");
    AnalyzeOptions options;
    options.metrics = MetricSet::all;
    return analyze(reader, options).extra;
  }();
  return metrics;
}

Statistic named(const ExtraMetrics& m, const std::string& name) {
  if (name == "spectral_centroid") return m.spectral_centroid;
  if (name == "spectral_bandwidth") return m.spectral_bandwidth;
  if (name == "spectral_rolloff") return m.spectral_rolloff;
  if (name == "spectral_flatness") return m.spectral_flatness;
  if (name == "zero_crossing_rate") return m.zero_crossing_rate;
  if (name == "rms") return m.rms;
  if (name == "flux") return m.flux;
  const auto index = static_cast<std::size_t>(std::stoi(name.substr(name.rfind('_') + 1)));
  return name.starts_with("mfcc") ? m.mfcc.at(index) : m.spectral_contrast.at(index);
}

}  // namespace

TEST_CASE("spectral measures are librosa's to a thousandth and cepstra to 0.05", "[audio][spectral]") {
  for (const librosa::Value& expected : librosa::k_values) {
    const std::string name = expected.name;
    const Statistic found = named(sample_metrics(), name);
    const auto close = [&](double a, double b) {
      return std::abs(a - b) <= (name.starts_with("mfcc") ? 0.05 : 1e-3 * std::abs(b) + 1e-7);
    };
    CAPTURE(name, found.mean, expected.mean, found.sd, expected.sd, found.median, expected.median);
    CHECK(close(found.mean, expected.mean));
    CHECK(close(found.sd, expected.sd));
    CHECK(close(found.median, expected.median));
  }
}
