// Prints the rows of a query as they come.
#include "query_printer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <variant>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

Cell text_cell(std::string_view bytes) {
  if (is_utf8(bytes)) return Cell(std::string(bytes));
  std::string base64;
  append_base64(base64, bytes);
  return Cell(std::move(base64));
}

struct ToCell {
  Cell operator()(std::nullptr_t) const { return {}; }
  Cell operator()(std::int64_t number) const { return number; }
  Cell operator()(double number) const {
    return std::isfinite(number) ? Cell::json(fmt::format("{}", number)) : Cell();
  }
  Cell operator()(std::string_view text) const { return text_cell(text); }
  Cell operator()(sqlite::Blob blob) const { return text_cell(blob.bytes); }
};

}  // namespace

void QueryPrinter::begin(std::span<const std::string> columns) {
  m_listing.columns.assign(columns.begin(), columns.end());
  if (m_form != OutputForm::csv) return;
  Row header;
  for (const std::string& column : columns) header.emplace_back(column);
  print_csv(header);
}

void QueryPrinter::add(std::span<const store::QueryValue> values) {
  Row row;
  row.reserve(values.size());
  for (const store::QueryValue& value : values) row.push_back(std::visit(ToCell{}, value));
  switch (m_form) {
    case OutputForm::csv: return print_csv(row);
    case OutputForm::json: return print_json(row);
    case OutputForm::table: m_listing.rows.push_back(std::move(row));
  }
}

void QueryPrinter::finish() {
  if (m_form == OutputForm::table) print_listing(m_listing, m_form, m_out);
}

void QueryPrinter::print_csv(const Row& row) {
  std::string& out = m_out.buffer();
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    row[i].append_csv(out);
  }
  out += '\n';
  m_out.written_to();
}

void QueryPrinter::print_json(const Row& row) {
  std::string& out = m_out.buffer();
  out += '{';
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, m_listing.columns[i]);
    out += ':';
    row[i].append_json(out);
  }
  out += "}\n";
  m_out.written_to();
}

}  // namespace kbeat::app
