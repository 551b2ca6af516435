// Prints the rows of a query as they come.
#pragma once

#include <span>
#include <string>

#include "kbeat/store/query.hpp"
#include "output.hpp"

namespace kbeat::app {

/// JSON lines and CSV go out row by row; a table needs all of its rows first. Bytes that are not UTF-8 are
/// printed as base64; a number that JSON has no word for is null.
class QueryPrinter {
 public:
  QueryPrinter(OutputForm form, Output& out) : m_form(form), m_out(out) {}

  void begin(std::span<const std::string> columns);
  void add(std::span<const store::QueryValue> values);
  void finish();

 private:
  OutputForm m_form;
  Output& m_out;
  Listing m_listing;
  std::string m_line;  ///< taken out of `add`, so that its memory is used again
};

}  // namespace kbeat::app
