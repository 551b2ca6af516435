// Prints the analysis of each file named as a JSON line with its path, for scoring against a truth.
#include <fmt/core.h>

#include <string>

#include "kbeat/audio/analysis_json.hpp"
#include "kbeat/base/error.hpp"

int main(int argc, char** argv) {
  kbeat::audio::AnalyzeOptions options;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--all") {
      options.metrics = kbeat::audio::MetricSet::all;
      continue;
    }
    try {
      auto reader = kbeat::audio::FileReader::from_path(argument);
      const auto analysis = kbeat::audio::analyze(reader, options);
      const std::string json = kbeat::audio::to_json(analysis, {options.metrics});
      fmt::print("{{\"path\":\"{}\",{}\n", argument, json.substr(1));
    } catch (const kbeat::Error& error) {
      fmt::print(stderr, "{}: {}\n", argument, error.what());
    }
  }
}
