// Measures a piece of audio in one pass: samples in, numbers out.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "kbeat/audio/file_reader.hpp"
#include "kbeat/audio/metrics.hpp"
#include "kbeat/audio/tempo.hpp"

namespace kbeat::audio {

enum class MetricSet { core, all };
enum class Plot { no, yes };

struct AnalyzeOptions {
  TempoOptions tempo;
  MetricSet metrics = MetricSet::core;
  double start = 0;              ///< s to leave out; times are of the file, not of the excerpt
  std::optional<double> length;  ///< s to analyze; nothing is the rest
  Plot plot = Plot::no;          ///< gather what a picture is drawn from
  double full_scale = 1;         ///< the largest positive sample there can be, from the file's AudioInfo
};

/// Takes samples as they come; what it finds does not depend on how they were cut into pieces. Keeps about
/// 3 kB for each second (8 kB for all metrics). One thread.
class Analyzer {
 public:
  Analyzer(int sample_rate, int channels, const AnalyzeOptions& options);
  ~Analyzer();
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;

  /// Interleaved samples, whole frames; NaN, infinities and what is over +120 dBFS count as 0 and are
  /// flagged.
  void write(std::span<const float> interleaved);

  /// Call once. Throws Error{bad_input} when there was not one frame. `options.start` is added to times.
  [[nodiscard]] Analysis finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

/// Reads to the end (or options.length) and measures. Throws what FileReader throws, and Error{bad_input}
/// when nothing could be decoded.
[[nodiscard]] Analysis analyze(FileReader& reader, const AnalyzeOptions& options);

}  // namespace kbeat::audio
