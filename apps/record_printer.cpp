// kcat's format tokens, and what a terminal must not see.
#include "record_printer.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "kbeat/base/base64.hpp"
#include "kbeat/base/decimal.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/hex.hpp"
#include "line_source.hpp"

namespace kbeat::app {
namespace {

constexpr std::string_view k_kcat_null = "NULL";  // kcat's
constexpr std::int64_t k_null_size = -1;

std::int64_t size_of(const std::optional<std::string_view>& bytes) {
  return bytes ? static_cast<std::int64_t>(bytes->size()) : k_null_size;
}

/// 32 bits, big endian.
void append_binary_size(std::string& out, std::int64_t size) {
  constexpr int k_bits = 32;
  for (int shift = k_bits - 8; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xFF);
}

/// Milliseconds since 1970, or RFC 3339; -1 when there is no stamp.
void append_stamp(std::string& out, const RecordView& record, ByteForm form) {
  const bool stamped = record.timestamp_type != TimestampType::none;
  if (form == ByteForm::iso && stamped) {
    out += to_rfc3339(record.timestamp);
  } else {
    append_decimal(out, stamped ? record.timestamp.time_since_epoch().count() : -1);
  }
}

}  // namespace

void add_print_flags(CLI::App& app, PrintOptions& options) {
  constexpr const char* k_printing = "Printing";
  app.add_flag("-J", options.envelopes, "print envelopes: JSON lines that produce -J reads back without loss")
      ->group(k_printing);
  app.add_flag("--json-values", options.json_values, "with -J: payloads that are JSON verbatim")
      ->group(k_printing);
  app.add_option("-f", options.format, "print by a format: %s value %k key %t topic %p partition %o offset …")
      ->type_name("FORMAT")
      ->group(k_printing);
  app.add_option("-K", options.key_delimiter, "print the key and this before the value")
      ->type_name("BYTES")
      ->group(k_printing);
  app.add_option("-D", options.delimiter, "what to print after a record (default \\n; with -f nothing)")
      ->type_name("BYTES")
      ->group(k_printing);
  app.add_flag("-Z", options.show_null, "print NULL for a null key or value")->group(k_printing);
  app.add_flag("--decode", options.decode,
               "values of a schema registry's schemas as JSON (SCHEMA_REGISTRY_URL)")
      ->group(k_printing);
}

RecordPrinter::RecordPrinter(const PrintOptions& options, StreamKind kind)
    : m_options(options),
      m_kind(kind),
      m_delimiter(options.format.empty() ? "\n" : ""),
      m_envelopes(options.json_values ? PayloadForm::json : PayloadForm::text) {
  const int forms = (options.envelopes ? 1 : 0) + (options.format.empty() ? 0 : 1) +
                    (options.key_delimiter.empty() ? 0 : 1);
  if (forms > 1) throw Error(ErrorCode::usage, "-J, -f and -K exclude each other: give one");
  if (options.json_values && !options.envelopes) throw Error(ErrorCode::usage, "--json-values needs -J");
  if (options.delimiter)
    m_delimiter = options.delimiter->empty() ? "" : unescape_delimiter(*options.delimiter);
  if (!options.format.empty()) {
    m_pieces = parse_format(options.format);
  } else if (options.key_delimiter.empty()) {
    m_pieces = {{'s', ByteForm::raw, {}}};
  } else {
    m_pieces = {{'k', ByteForm::raw, {}},
                {0, ByteForm::raw, unescape_delimiter(options.key_delimiter)},
                {'s', ByteForm::raw, {}}};
  }
}

void RecordPrinter::append(std::string& out, const RecordView& record) {
  if (m_options.envelopes && m_kind == StreamKind::terminal) {
    m_line.clear();
    m_envelopes.append(m_line, record);
    out += escape_steering(m_line);
  } else if (m_options.envelopes) {
    m_envelopes.append(out, record);
  } else {
    append_formatted(out, record);
  }
  out += m_delimiter;
}

void RecordPrinter::append_formatted(std::string& out, const RecordView& record) const {
  for (const FormatPiece& piece : m_pieces) append_piece(out, piece, record);
}

void RecordPrinter::append_piece(std::string& out, const FormatPiece& piece, const RecordView& record) const {
  switch (piece.token) {
    case 0: out += piece.text; break;
    case 's': append_bytes(out, record.value, piece.form); break;
    case 'S': append_decimal(out, size_of(record.value)); break;
    case 'R': append_binary_size(out, size_of(record.value)); break;
    case 'k': append_bytes(out, record.key, piece.form); break;
    case 'K': append_decimal(out, size_of(record.key)); break;
    case 'T': append_stamp(out, record, piece.form); break;
    case 't': out += record.topic; break;
    case 'p': append_decimal(out, record.partition.get()); break;
    case 'o': append_decimal(out, record.offset.get()); break;
    case 'h': append_headers(out, record.headers, piece.form); break;
    default: break;
  }
}

void RecordPrinter::append_bytes(std::string& out, const std::optional<std::string_view>& bytes,
                                 ByteForm form) const {
  if (!bytes) {
    if (m_options.show_null) out += k_kcat_null;
  } else if (form == ByteForm::hex) {
    append_hex(out, *bytes);
  } else if (form == ByteForm::base64) {
    append_base64(out, *bytes);
  } else if (m_kind == StreamKind::terminal) {
    out += escape_for_terminal(*bytes, bytes->size());
  } else {
    out += *bytes;
  }
}

void RecordPrinter::append_headers(std::string& out, std::span<const HeaderView> headers,
                                   ByteForm form) const {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (i > 0) out += ',';
    append_bytes(out, headers[i].name, ByteForm::raw);
    out += '=';
    if (headers[i].value) {
      append_bytes(out, headers[i].value, form);
    } else {
      out += k_kcat_null;
    }
  }
}

}  // namespace kbeat::app
