// The door of libkbeat_audio.so for those who load it while they run.
#include "kbeat/audio/analysis_request.hpp"

namespace {

kbeat::audio::Analysis analyze_start(int descriptor, const kbeat::audio::AnalysisRequest& request) {
  auto reader = kbeat::audio::FileReader::from_descriptor(descriptor, request.limits);
  return kbeat::audio::analyze(reader, request.options);
}

}  // namespace

extern "C" void kbeat_analyze_descriptor(int descriptor, const kbeat::audio::AnalysisRequest& request,
                                         std::string& json) {
  const kbeat::audio::Analysis analysis = analyze_start(descriptor, request);
  json = kbeat::audio::to_json(analysis, {.metrics = request.options.metrics, .beats = request.beats});
}

extern "C" void kbeat_click_track(int descriptor, const kbeat::audio::AnalysisRequest& request,
                                  const kbeat::audio::ByteSink& sink) {
  const kbeat::audio::Analysis analysis = analyze_start(descriptor, request);
  auto reader = kbeat::audio::FileReader::from_descriptor(descriptor, request.limits);
  kbeat::audio::write_click_track(reader, analysis, request.options.start, sink);
}
