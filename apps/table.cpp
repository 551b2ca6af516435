// Measures the cells, makes them fit, prints them.
#include "table.hpp"

#include <algorithm>
#include <numeric>

#include "cell_width.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

using Line = std::vector<std::string>;

constexpr std::size_t k_gap = 2;
/// A column of text is not cut below that.
constexpr std::size_t k_narrowest = 8;

struct ColumnWidths {
  std::vector<std::size_t> widths;
  std::vector<bool> numbers;

  [[nodiscard]] std::size_t total() const {
    return std::accumulate(widths.begin(), widths.end(), std::size_t{0}) +
           k_gap * (widths.empty() ? 0 : widths.size() - 1);
  }
};

std::vector<Line> lines_of(const Listing& listing) {
  std::vector<Line> lines{listing.columns};
  for (const Row& row : listing.rows) {
    Line& line = lines.emplace_back();
    for (const Cell& cell : row) line.push_back(escape_for_terminal(cell.text()));
  }
  return lines;
}

ColumnWidths measure(const Listing& listing, const std::vector<Line>& lines) {
  ColumnWidths columns{std::vector<std::size_t>(listing.columns.size()),
                       std::vector<bool>(listing.columns.size(), !listing.rows.empty())};
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      columns.widths[i] = std::max(columns.widths[i], cell_width(line[i]));
  }
  for (const Row& row : listing.rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      columns.numbers[i] = columns.numbers[i] && row[i].is_number();
  }
  return columns;
}

/// Takes cells from the widest columns of text until all fit. False when they cannot.
bool narrow(ColumnWidths& columns, const Line& titles, std::size_t width) {
  while (columns.total() > width) {
    std::optional<std::size_t> widest;
    for (std::size_t i = 0; i < columns.widths.size(); ++i) {
      const std::size_t least = std::max(k_narrowest, cell_width(titles[i]));
      if (columns.numbers[i] || columns.widths[i] <= least) continue;
      if (!widest || columns.widths[i] > columns.widths[*widest]) widest = i;
    }
    if (!widest) return false;
    --columns.widths[*widest];
  }
  return true;
}

void print_line(const Line& line, const ColumnWidths& columns, Output& out) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string cell = fit_cells(line[i], columns.widths[i]);
    const std::string room(columns.widths[i] - std::min(columns.widths[i], cell_width(cell)), ' ');
    text += columns.numbers[i] ? room + cell : cell + room;
    text += std::string(k_gap, ' ');
  }
  text.erase(text.find_last_not_of(' ') + 1);
  out.write(text + "\n");
}

/// `name  value` lines, an empty one between rows.
void print_blocks(const std::vector<Line>& lines, Output& out) {
  const Line& titles = lines.front();
  std::size_t widest = 0;
  for (const std::string& title : titles) widest = std::max(widest, cell_width(title));
  for (std::size_t row = 1; row < lines.size(); ++row) {
    if (row > 1) out.write("\n");
    for (std::size_t i = 0; i < lines[row].size(); ++i) {
      const std::string room(widest - cell_width(titles[i]) + k_gap, ' ');
      out.write(titles[i] + room + lines[row][i] + "\n");
    }
  }
}

}  // namespace

void print_table(const Listing& listing, std::optional<std::size_t> width, Output& out) {
  const std::vector<Line> lines = lines_of(listing);
  ColumnWidths columns = measure(listing, lines);
  if (width && !narrow(columns, listing.columns, *width) && lines.size() > 1) return print_blocks(lines, out);
  for (const Line& line : lines) print_line(line, columns, out);
}

}  // namespace kbeat::app
