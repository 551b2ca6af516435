// Pages of rows.
#include "row_printer.hpp"

#include <utility>

namespace kbeat::app {
namespace {

constexpr std::size_t k_rows_a_page = 500;

}  // namespace

RowPrinter::RowPrinter(std::vector<std::string> columns, OutputForm form, Output& out)
    : m_page{std::move(columns), {}}, m_form(form), m_out(out) {}

void RowPrinter::add(Row row) {
  m_page.rows.push_back(std::move(row));
  const bool at_once = m_form != OutputForm::table;
  if (at_once || m_page.rows.size() >= k_rows_a_page) print_page();
}

void RowPrinter::finish() {
  const bool owes_header = !m_begun && m_form != OutputForm::json;
  if (!m_page.rows.empty() || owes_header) print_page();
}

void RowPrinter::print_page() {
  if (m_form == OutputForm::csv && m_begun) {
    std::string lines;
    for (const Row& row : m_page.rows) append_csv_row(lines, row);
    m_out.write(lines);
  } else {
    print_listing(m_page, m_form, m_out);
  }
  m_begun = true;
  m_page.rows.clear();
}

}  // namespace kbeat::app
