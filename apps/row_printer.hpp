// Prints rows as they come, so that a long listing takes no memory.
#pragma once

#include "output.hpp"

namespace kbeat::app {

/// JSON and CSV go out row by row; a table in pages, each with its header and widths of its own.
class RowPrinter {
 public:
  RowPrinter(std::vector<std::string> columns, OutputForm form, Output& out);
  RowPrinter(const RowPrinter&) = delete;
  RowPrinter& operator=(const RowPrinter&) = delete;

  void add(Row row);
  /// Prints what is left; a listing without rows still has its header.
  void finish();

 private:
  void print_page();

  Listing m_page;
  OutputForm m_form;
  Output& m_out;
  bool m_begun = false;
};

}  // namespace kbeat::app
