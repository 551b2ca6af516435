// Rows of results in the three forms that every listing command has: table, JSON lines, CSV.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io.hpp"

namespace CLI {
class App;
}

namespace kbeat::app {

enum class OutputForm { table, json, csv };

/// `asked` is the --output flag's word; empty: a table on a terminal, JSON lines elsewhere.
[[nodiscard]] OutputForm output_form(const std::string& asked, const Io& io);

/// Adds `--output table|json|csv`.
void add_output_flag(CLI::App& app, std::string& form);

/// One value: text, a number or other JSON taken as it is, or null.
class Cell {
 public:
  Cell() = default;  ///< null
  Cell(std::string text) : m_text(std::move(text)), m_kind(Kind::text) {}
  Cell(const char* text) : Cell(std::string(text)) {}
  Cell(std::int64_t number) : m_text(std::to_string(number)), m_kind(Kind::json) {}
  Cell(int number) : Cell(std::int64_t{number}) {}
  Cell(bool flag) : m_text(flag ? "true" : "false"), m_kind(Kind::json) {}
  /// A value that is JSON already.
  [[nodiscard]] static Cell json(std::string text);

  /// As people read it: null is `-`.
  [[nodiscard]] std::string_view text() const;
  void append_json(std::string& out) const;
  void append_csv(std::string& out) const;
  [[nodiscard]] bool is_number() const;

 private:
  enum class Kind { null, text, json };
  std::string m_text;
  Kind m_kind = Kind::null;
};

using Row = std::vector<Cell>;

/// Rows of equal length under their columns' names, which are the JSON keys as well.
struct Listing {
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

/// One line with its newline: an object of all columns, or comma-separated values.
void append_json_row(std::string& out, const std::vector<std::string>& columns, const Row& row);
void append_csv_row(std::string& out, const Row& row);

/// In a table, control characters are escaped and columns aligned; JSON is one object a line.
void print_listing(const Listing& listing, OutputForm form, Output& out);

}  // namespace kbeat::app
