// Any bytes as an audio file: read, measured, printed and clicked, or refused with an Error and nothing else.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kbeat/audio/analysis_json.hpp"
#include "kbeat/audio/analyze.hpp"
#include "kbeat/audio/click_track.hpp"
#include "kbeat/base/error.hpp"

namespace {

using namespace kbeat::audio;

/// Short, since each input of a fuzzer is one of millions.
constexpr ReadLimits k_limits{.max_seconds = 5};

/// A picture costs ten times the metrics, so that only every eighth input gets one.
AnalyzeOptions options_for(std::size_t size) {
  const Plot plot = size % 8 == 0 ? Plot::yes : Plot::no;
  return {.tempo = {}, .metrics = MetricSet::all, .start = 0, .length = {}, .plot = plot};
}

void measure(int descriptor, std::size_t size) {
  FileReader reader = FileReader::from_descriptor(descriptor, k_limits);
  const Analysis analysis = analyze(reader, options_for(size));
  if (to_json(analysis, {MetricSet::all}).find('\n') != std::string::npos) std::abort();
  if (size % 8 != 1) return;
  FileReader again = FileReader::from_descriptor(descriptor, k_limits);
  write_click_track(again, analysis, 0, [](std::string_view) {});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    measure(descriptor, size);
  } catch (const kbeat::Error&) {
    // What is no audio is refused: that is the other right answer.
  }
  close(descriptor);
  return 0;
}
