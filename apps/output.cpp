// Prints listings.
#include "output.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "table.hpp"

namespace kbeat::app {
namespace {

constexpr std::string_view k_null_text = "-";

void print_json(const Listing& listing, Output& out) {
  std::string line;
  for (const Row& row : listing.rows) {
    line.clear();
    append_json_row(line, listing.columns, row);
    out.write(line);
  }
}

void print_csv(const Listing& listing, Output& out) {
  std::string line;
  append_csv_row(line, Row(listing.columns.begin(), listing.columns.end()));
  for (const Row& row : listing.rows) {
    out.write(line);
    line.clear();
    append_csv_row(line, row);
  }
  out.write(line);
}

}  // namespace

OutputForm output_form(const std::string& asked, const Io& io) {
  if (asked == "table") return OutputForm::table;
  if (asked == "json") return OutputForm::json;
  if (asked == "csv") return OutputForm::csv;
  if (asked.empty()) return io.out_is_terminal() ? OutputForm::table : OutputForm::json;
  throw Error(ErrorCode::usage,
              fmt::format("--output \"{}\": give table, json or csv", escape_for_terminal(asked, 80)));
}

void add_output_flag(CLI::App& app, std::string& form) {
  app.add_option("--output", form, "table, json or csv")->type_name("FORM");
}

Cell Cell::json(std::string text) {
  Cell cell(std::move(text));
  cell.m_kind = Kind::json;
  return cell;
}

std::string_view Cell::text() const {
  return m_kind == Kind::null ? k_null_text : std::string_view(m_text);
}

bool Cell::is_number() const {
  const bool digit = !m_text.empty() && (m_text.back() >= '0' && m_text.back() <= '9');
  return m_kind == Kind::null || (m_kind == Kind::json && digit);
}

void Cell::append_json(std::string& out) const {
  if (m_kind == Kind::null) {
    out += "null";
  } else if (m_kind == Kind::json) {
    out += m_text;
  } else {
    out += json_string(m_text);
  }
}

void Cell::append_csv(std::string& out) const {
  if (m_text.find_first_of(",\"\r\n") == std::string::npos) {
    out += m_text;
    return;
  }
  out += '"';
  for (const char c : m_text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_json_row(std::string& out, const std::vector<std::string>& columns, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    out += i == 0 ? '{' : ',';
    append_json_string(out, columns[i]);
    out += ':';
    row[i].append_json(out);
  }
  out += "}\n";
}

void append_csv_row(std::string& out, const Row& row) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    row[i].append_csv(out);
  }
  out += '\n';
}

void print_listing(const Listing& listing, OutputForm form, Output& out) {
  switch (form) {
    case OutputForm::table: return print_table(listing, out.terminal_width(), out);
    case OutputForm::json: return print_json(listing, out);
    case OutputForm::csv: return print_csv(listing, out);
  }
}

}  // namespace kbeat::app
