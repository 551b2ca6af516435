// Scores answers and makes tables of the scores.
#include "comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/audio/truth_score.hpp"

namespace kbeat::app {
namespace {

enum Measure : std::size_t { k_acc1, k_acc2, k_acc1_strict, k_beat_f, k_key_mirex, k_measures };
constexpr std::array<const char*, k_measures> k_names{"acc1", "acc2", "acc1_1pct", "beat_f", "key_mirex"};

/// What a track's answer is worth; nothing where it is not scored.
using Scores = std::array<std::optional<double>, k_measures>;

Scores score(const Truth& truth, const Predictions& tool) {
  const Predictions::Answer none;
  const Predictions::Answer* const found = tool.find(truth);
  const Predictions::Answer& answer = found == nullptr ? none : *found;
  Scores scores;
  if (truth.bpm && tool.has_tempi()) {
    const audio::TempoScore tempo = audio::score_tempo(*truth.bpm, answer.bpm);
    scores[k_acc1] = tempo.acc1;
    scores[k_acc2] = tempo.acc2;
    scores[k_acc1_strict] = tempo.acc1_strict;
  }
  if (!truth.beats.empty() && tool.has_beats())
    scores[k_beat_f] = audio::score_beats(truth.beats, answer.beats);
  const auto key = audio::parse_key(truth.key);
  if (key && tool.has_keys()) scores[k_key_mirex] = audio::score_key(*key, audio::parse_key(answer.key));
  return scores;
}

void add_measure(Row& row, const std::vector<double>& values, OutputForm form) {
  const auto mean = audio::mean_with_interval(values);
  const auto percent = [](double share) { return Cell::json(fmt::format("{:.1f}", 100 * share)); };
  if (form == OutputForm::table) {
    row.push_back(mean ? Cell(fmt::format("{:.1f} [{:.0f}-{:.0f}] of {}", 100 * mean->mean, 100 * mean->low,
                                          100 * mean->high, mean->count))
                       : Cell());
    return;
  }
  row.push_back(mean ? percent(mean->mean) : Cell());
  row.push_back(mean ? percent(mean->low) : Cell());
  row.push_back(mean ? percent(mean->high) : Cell());
  row.push_back(static_cast<std::int64_t>(mean ? mean->count : 0));
}

Row score_row(const std::vector<Truth>& truths, const Predictions& tool, const std::string& source,
              OutputForm form) {
  std::array<std::vector<double>, k_measures> values;
  for (const Truth& truth : truths) {
    if (!source.empty() && truth.source != source) continue;
    const Scores scores = score(truth, tool);
    for (std::size_t i = 0; i < k_measures; ++i)
      if (scores[i]) values[i].push_back(*scores[i]);
  }
  Row row{tool.name(), source.empty() ? Cell("(all)") : Cell(source)};
  for (const std::vector<double>& of_one : values) add_measure(row, of_one, form);
  return row;
}

/// Whether a row tells anything: most tools are not scored on most sources.
bool has_scores(const Row& row, OutputForm form) {
  const std::size_t step = form == OutputForm::table ? 1 : 4;
  for (std::size_t i = 2; i < row.size(); i += step) {
    if (row[i].text() != Cell().text()) return true;
  }
  return false;
}

Cell fraction_cell(const std::optional<double>& value) {
  return value ? Cell::json(fmt::format("{:.2f}", *value)) : Cell();
}

}  // namespace

Listing score_listing(const std::vector<Truth>& truths, const std::vector<Predictions>& tools,
                      OutputForm form) {
  Listing listing{{"tool", "source"}, {}};
  for (const std::string name : k_names) {
    listing.columns.push_back(name);
    if (form == OutputForm::table) continue;
    for (const char* part : {"_low", "_high", "_count"}) listing.columns.push_back(name + part);
  }
  std::vector<std::string> sources{""};
  for (const Truth& truth : truths) {
    const bool known = std::find(sources.begin(), sources.end(), truth.source) != sources.end();
    if (!known && truth.source != "all") sources.push_back(truth.source);
  }
  for (const std::string& source : sources) {
    for (const Predictions& tool : tools) {
      Row row = score_row(truths, tool, source, form);
      if (source.empty() || has_scores(row, form)) listing.rows.push_back(std::move(row));
    }
  }
  return listing;
}

Listing worst_listing(const std::vector<Truth>& truths, const Predictions& tool, std::size_t count) {
  std::vector<std::pair<double, Row>> answers;
  for (const Truth& truth : truths) {
    const Scores scores = score(truth, tool);
    const Predictions::Answer* const found = tool.find(truth);
    double lowest = 1;
    for (const std::size_t measure : {k_acc1, k_beat_f, k_key_mirex})
      lowest = std::min(lowest, scores[measure].value_or(1));
    if (lowest >= 1) continue;
    answers.emplace_back(
        lowest, Row{truth.path, truth.bpm ? Cell::json(fmt::format("{:g}", *truth.bpm)) : Cell(),
                    found != nullptr && found->bpm ? Cell::json(fmt::format("{:g}", *found->bpm)) : Cell(),
                    truth.key.empty() ? Cell() : Cell(truth.key),
                    found == nullptr || found->key.empty() ? Cell() : Cell(found->key),
                    fraction_cell(scores[k_beat_f])});
  }
  std::stable_sort(answers.begin(), answers.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  if (answers.size() > count) answers.resize(count);
  Listing listing{{"worst", "true_bpm", "bpm", "true_key", "key", "beat_f"}, {}};
  for (auto& [lowest, row] : answers) listing.rows.push_back(std::move(row));
  return listing;
}

}  // namespace kbeat::app
