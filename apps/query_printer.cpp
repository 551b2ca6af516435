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
  if (m_form == OutputForm::csv) print_listing({m_listing.columns, {}}, m_form, m_out);
}

void QueryPrinter::add(std::span<const store::QueryValue> values) {
  Row row;
  row.reserve(values.size());
  for (const store::QueryValue& value : values) row.push_back(std::visit(ToCell{}, value));
  if (m_form == OutputForm::table) {
    m_listing.rows.push_back(std::move(row));
    return;
  }
  m_line.clear();
  if (m_form == OutputForm::json) append_json_row(m_line, m_listing.columns, row);
  if (m_form == OutputForm::csv) append_csv_row(m_line, row);
  m_out.write(m_line);
}

void QueryPrinter::finish() {
  if (m_form == OutputForm::table) print_listing(m_listing, m_form, m_out);
}

}  // namespace kbeat::app
