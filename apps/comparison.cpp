// Reads truths and answers, scores one against the other.
#include "comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <set>

#include "json_numbers.hpp"
#include "kbeat/audio/truth_score.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::app {
namespace {

enum Measure : std::size_t { k_acc1, k_acc2, k_acc1_strict, k_beat_f, k_key_mirex, k_measures };
constexpr std::array<const char*, k_measures> k_names{"acc1", "acc2", "acc1_1pct", "beat_f", "key_mirex"};

/// What a track's answer is worth; nothing where it is not scored.
using Scores = std::array<std::optional<double>, k_measures>;

std::ifstream open_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorCode::not_found, fmt::format("cannot read {}", file.string()));
  return in;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  if (!cells.empty() && cells.back().ends_with('\r')) cells.back().pop_back();
  return cells;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The last folder and the file's name.
std::string short_path(const std::string& path) {
  const std::filesystem::path whole(path);
  return (whole.parent_path().filename() / whole.filename()).string();
}

std::vector<double> read_beats(const std::filesystem::path& file) {
  std::ifstream in = open_text(file);
  std::vector<double> beats;
  for (std::string line; std::getline(in, line);) {
    if (line.empty()) continue;
    const auto time = number_of(line.substr(0, line.find_first_of(" \t\r")));
    if (!time)
      throw Error(ErrorCode::bad_input, fmt::format("{}: \"{}\" is no time in seconds", file.string(), line));
    beats.push_back(*time);
  }
  return beats;
}

/// A table's rows by the names of its columns.
class Columns {
 public:
  Columns(const std::string& head, const std::filesystem::path& table) : m_names(cells_of(head)) {
    if (std::find(m_names.begin(), m_names.end(), "path") == m_names.end()) {
      throw Error(ErrorCode::bad_input,
                  fmt::format("{} has no column named path in its first line; columns are "
                              "separated by tabs",
                              table.string()));
    }
  }
  [[nodiscard]] std::string cell(const std::vector<std::string>& row, std::string_view name) const {
    const auto place =
        static_cast<std::size_t>(std::find(m_names.begin(), m_names.end(), name) - m_names.begin());
    return place < row.size() && place < m_names.size() ? row[place] : "";
  }

 private:
  std::vector<std::string> m_names;
};

Truth truth_of(const Columns& columns, const std::vector<std::string>& row,
               const std::filesystem::path& table) {
  Truth truth{.path = columns.cell(row, "path"),
              .source = columns.cell(row, "source"),
              .bpm = {},
              .key = {},
              .beats = {}};
  const std::string bpm = columns.cell(row, "bpm");
  truth.bpm = number_of(bpm);
  truth.key = columns.cell(row, "key");
  if ((!bpm.empty() && (!truth.bpm || *truth.bpm <= 0)) ||
      (!truth.key.empty() && !audio::parse_key(truth.key))) {
    throw Error(ErrorCode::bad_input, fmt::format("{}: {} has a tempo \"{}\" or a key \"{}\" that is none",
                                                  table.string(), truth.path, bpm, truth.key));
  }
  const std::string beats = columns.cell(row, "beats_file");
  if (!beats.empty()) truth.beats = read_beats(table.parent_path() / beats);
  if (truth.source.empty()) truth.source = "all";
  return truth;
}

Scores score(const Truth& truth, const Predictions& tool) {
  const Predictions::Answer none;
  const Predictions::Answer* const found = tool.find(truth.path);
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

std::vector<Truth> read_truth(const std::filesystem::path& table) {
  std::ifstream in = open_text(table);
  std::string line;
  std::getline(in, line);
  // What spreadsheets put before UTF-8.
  if (constexpr std::string_view k_mark = "\xEF\xBB\xBF"; line.starts_with(k_mark))
    line.erase(0, k_mark.size());
  const Columns columns(line, table);
  std::vector<Truth> truths;
  while (std::getline(in, line)) {
    if (!line.empty()) truths.push_back(truth_of(columns, cells_of(line), table));
  }
  return truths;
}

std::vector<Truth> truths_about(const std::vector<AudioSource>& sources, std::vector<Truth> truths) {
  std::set<std::string> names;
  for (const AudioSource& source : sources) {
    names.insert(std::filesystem::path(source.name).filename().string());
    names.insert(short_path(source.name));
  }
  std::erase_if(truths, [&](const Truth& truth) { return !names.contains(short_path(truth.path)); });
  if (truths.empty())
    throw Error(ErrorCode::not_found,
                "the table of truths names none of this audio: their last folders and "
                "names have to agree");
  return truths;
}

void Predictions::add(const std::string& path, std::string_view metrics) {
  handlers::BodyReader reader(metrics);
  Answer answer{.bpm = reader.optional_number("bpm"), .key = reader.optional_text("key"), .beats = {}};
  for (const handlers::BodyField& field : reader.fields()) {
    if (field.name == "beats") answer.beats = number_values(field.json);
  }
  std::sort(answer.beats.begin(), answer.beats.end());
  m_tempi = m_tempi || answer.bpm.has_value();
  m_keys = m_keys || !answer.key.empty();
  m_beats = m_beats || !answer.beats.empty();
  // A table beside its audio names files without their folder.
  m_answers[std::filesystem::path(path).filename().string()] = answer;
  m_answers[short_path(path)] = std::move(answer);
}

void Predictions::read(const std::filesystem::path& file) {
  std::ifstream in = open_text(file);
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    handlers::BodyReader reader(line);
    const std::string path = reader.text("path", 8192);
    if (reader.rejection()) {
      throw Error(ErrorCode::bad_input,
                  fmt::format("{}:{}: {}", file.string(), number, reader.rejection()->reason));
    }
    add(path, line);
  }
}

const Predictions::Answer* Predictions::find(const std::string& path) const {
  const auto found = m_answers.find(short_path(path));
  return found == m_answers.end() ? nullptr : &found->second;
}

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
    const Predictions::Answer* const found = tool.find(truth.path);
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
