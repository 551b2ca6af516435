// Takes the metrics' JSON apart where a form needs it.
#include "analysis_printer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <variant>

#include "json_numbers.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::app {
namespace {

using handlers::BodyField;
using handlers::BodyReader;

/// What a table shows, by the metrics' names.
constexpr std::array<std::string_view, 14> k_shown{
    "title",      "artist",  "duration",        "bpm", "tagged_bpm",     "beats_per_bar", "key",
    "tagged_key", "camelot", "lufs_integrated", "lra", "true_peak_dbtp", "energy",        "flags"};

bool is_beat_list(std::string_view name) {
  return name == "beats" || name == "downbeats";
}

Cell cell_of(std::string_view json) {
  if (json == "null") return {};
  if (json.starts_with('"')) return Cell(std::get<std::string>(handlers::to_column(json)));
  return Cell::json(std::string(json));
}

/// 225.6 as 3:45.6.
Cell duration_cell(std::string_view json) {
  const double seconds = std::strtod(std::string(json).c_str(), nullptr);
  const double minutes = std::floor(seconds / 60);
  return {fmt::format("{:.0f}:{:04.1f}", minutes, std::floor((seconds - 60 * minutes) * 10) / 10)};
}

/// The words of a list, without its brackets and quotes.
Cell words_cell(std::string_view json) {
  std::string words;
  for (const char c : json) {
    if (c == ',') words += ' ';
    if (c != '"' && c != '[' && c != ']' && c != ',') words += c;
  }
  return words.empty() ? Cell() : Cell(words);
}

Cell table_cell(const BodyField& field) {
  if (field.name == "duration") return duration_cell(field.json);
  if (field.name == "flags") return words_cell(field.json);
  return cell_of(field.json);
}

/// The object again, without its opening brace.
std::string without_beats(std::string_view metrics) {
  const BodyReader reader(metrics);
  std::string out;
  for (const BodyField& field : reader.fields()) {
    if (!is_beat_list(field.name))
      out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", field.name, field.json);
  }
  return out + '}';
}

const BodyField* find(const BodyReader& metrics, std::string_view name) {
  const auto found = std::find_if(metrics.fields().begin(), metrics.fields().end(),
                                  [&](const BodyField& field) { return field.name == name; });
  return found == metrics.fields().end() ? nullptr : &*found;
}

std::vector<std::string> list_of(const BodyReader& metrics, std::string_view name) {
  const BodyField* const field = find(metrics, name);
  return field == nullptr ? std::vector<std::string>() : number_texts(field->json);
}

/// Columns without a value in any row go.
void drop_empty_columns(Listing& listing) {
  for (std::size_t i = listing.columns.size(); i-- > 0;) {
    const bool empty = std::all_of(listing.rows.begin(), listing.rows.end(),
                                   [&](const Row& row) { return row[i].text() == Cell().text(); });
    if (!empty) continue;
    const auto place = static_cast<std::ptrdiff_t>(i);
    listing.columns.erase(listing.columns.begin() + place);
    for (Row& row : listing.rows) row.erase(row.begin() + place);
  }
}

}  // namespace

void AnalysisPrinter::add(const std::string& path, std::string_view metrics) {
  switch (m_form) {
    case OutputForm::json: return print_json(path, metrics);
    case OutputForm::csv: return print_csv(path, metrics);
    case OutputForm::table:
      return m_beats == BeatLists::shown ? add_beats(path, metrics) : add_to_table(path, metrics);
  }
}

void AnalysisPrinter::finish() {
  if (m_form != OutputForm::table || m_listing.rows.empty()) return;
  drop_empty_columns(m_listing);
  print_listing(m_listing, m_form, m_out);
}

void AnalysisPrinter::print_json(const std::string& path, std::string_view metrics) {
  std::string line = "{\"path\":";
  line += json_string(path);
  line += ',';
  line += m_beats == BeatLists::hidden ? without_beats(metrics) : metrics.substr(1);
  m_out.write(line + "\n");
  m_out.flush();
}

void AnalysisPrinter::print_csv(const std::string& path, std::string_view metrics) {
  const BodyReader reader(metrics);
  const bool first = m_listing.columns.empty();
  Row row{path};
  std::vector<std::string> columns{"path"};
  for (const BodyField& field : reader.fields()) {
    if (is_beat_list(field.name) && m_beats != BeatLists::shown) continue;
    columns.push_back(field.name);
    row.push_back(field.name == "flags" ? words_cell(field.json) : cell_of(field.json));
  }
  if (first) m_listing.columns = columns;
  std::string line;
  if (first) line = fmt::format("{}\n", fmt::join(columns, ","));
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) line += ',';
    row[i].append_csv(line);
  }
  m_out.write(line + "\n");
  m_out.flush();
}

void AnalysisPrinter::add_to_table(const std::string& path, std::string_view metrics) {
  const BodyReader reader(metrics);
  if (m_listing.columns.empty()) {
    m_listing.columns = {"path"};
    m_listing.columns.insert(m_listing.columns.end(), k_shown.begin(), k_shown.end());
  }
  Row row{path};
  for (const std::string_view name : k_shown) {
    const BodyField* field = find(reader, name);
    row.push_back(field == nullptr ? Cell() : table_cell(*field));
  }
  m_listing.rows.push_back(std::move(row));
}

void AnalysisPrinter::add_beats(const std::string& path, std::string_view metrics) {
  const BodyReader reader(metrics);
  m_listing.columns = {"path", "beat", "time", "downbeat"};
  const std::vector<std::string> downbeats = list_of(reader, "downbeats");
  int number = 0;
  for (const std::string& time : list_of(reader, "beats")) {
    const bool down = std::find(downbeats.begin(), downbeats.end(), time) != downbeats.end();
    m_listing.rows.push_back({path, ++number, Cell::json(time), down});
  }
}

}  // namespace kbeat::app
