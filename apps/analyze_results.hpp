// What becomes of each analysis: printed, saved, drawn or held against a truth; and the exit code of them
// all.
#pragma once

#include <cstddef>
#include <string>

#include "analysis_printer.hpp"
#include "audio_sources.hpp"
#include "cmd_analyze.hpp"
#include "comparison.hpp"
#include "kbeat/confine/analyzer.hpp"
#include "metric_saver.hpp"
#include "progress.hpp"

namespace kbeat::app {

/// For one thread. Everything handed in outlives it.
class AnalyzeResults {
 public:
  /// `predictions` takes the results instead of stdout, if there is one.
  AnalyzeResults(const AnalyzeFlags& flags, Context& context, std::size_t sources, Predictions* predictions);

  void take(const AudioSource& source, const confine::Analyzed& analyzed);
  /// Draws the bar.
  void show(std::size_t finished);
  /// Prints what has waited. Returns the exit code; throws Error{interrupted} when a signal left work undone.
  [[nodiscard]] int finish();
  /// Draws the one track, once all went well. Throws as write_picture.
  void draw() const;

 private:
  void fail(const AudioSource& source, const Error& error);
  void keep(const AudioSource& source, const std::string& metrics);

  struct Drawn {
    std::string name, analysis;
  };

  const AnalyzeFlags& m_flags;
  Context& m_context;
  AnalysisPrinter m_printer;
  MetricSaver m_saver;
  Progress m_progress;
  Predictions* m_predictions;
  std::size_t m_sources;
  std::size_t m_done = 0, m_failed = 0;
  int m_code = 0;
  Drawn m_drawn;
};

}  // namespace kbeat::app
