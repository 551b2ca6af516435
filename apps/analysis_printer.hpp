// Prints analyses as JSON lines, CSV or a table.
#pragma once

#include <string>
#include <string_view>

#include "output.hpp"

namespace kbeat::app {

/// As each form has it (JSON lists beats, CSV and tables do not), everywhere, or nowhere.
enum class BeatLists { as_usual, shown, hidden };

/// One flat JSON object a piece of audio: `path`, then the metrics. CSV has a column for each of them but the
/// lists of beats, unless those are shown; a table has the few that people look at, without columns that are
/// empty throughout, or with shown beats a row for each beat.
class AnalysisPrinter {
 public:
  AnalysisPrinter(OutputForm form, BeatLists beats, Output& out) : m_form(form), m_beats(beats), m_out(out) {}

  /// `metrics` is one JSON object.
  void add(const std::string& path, std::string_view metrics);
  /// Prints what has waited for the last row.
  void finish();

 private:
  void print_json(const std::string& path, std::string_view metrics);
  void print_csv(const std::string& path, std::string_view metrics);
  void add_to_table(const std::string& path, std::string_view metrics);
  void add_beats(const std::string& path, std::string_view metrics);

  OutputForm m_form;
  BeatLists m_beats;
  Output& m_out;
  Listing m_listing;
};

}  // namespace kbeat::app
