// Reads a table of truths and the files of beats that it names.
#include "truth_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <string_view>

#include "kbeat/audio/truth_score.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::app {
namespace {

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

std::optional<double> number_of(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<double> read_beats(const std::filesystem::path& file) {
  std::ifstream in = open_text(file);
  std::vector<double> beats;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto time = number_of(std::string_view(line).substr(0, line.find_first_of(" \t\r")));
    if (!time)
      throw Error(ErrorCode::bad_input, fmt::format("{}: \"{}\" is no time in seconds", file.string(), line));
    beats.push_back(*time);
  }
  if (beats.empty())
    throw Error(ErrorCode::bad_input,
                fmt::format("{} holds no beats: write a time in seconds a line, or leave its cell empty",
                            file.string()));
  std::sort(beats.begin(), beats.end());
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
              .file = {},
              .source = columns.cell(row, "source"),
              .bpm = {},
              .key = {},
              .beats = {}};
  if (truth.path.empty())
    throw Error(ErrorCode::bad_input, fmt::format("{} has a row without a path", table.string()));
  truth.file = (table.parent_path() / truth.path).string();
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
  if (truths.empty())
    throw Error(ErrorCode::bad_input, fmt::format("{} has no rows below its first line", table.string()));
  return truths;
}

}  // namespace kbeat::app
