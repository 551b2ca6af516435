// Prints records: the raw value, an envelope, or by a format with kcat's tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format_pieces.hpp"
#include "io.hpp"
#include "kbeat/model/envelope_writer.hpp"
#include "kbeat/model/record.hpp"

namespace CLI {
class App;
}

namespace kbeat::app {

/// The flags -J, --json-values, -f, -K, -D, -Z and --decode as they were given.
struct PrintOptions {
  bool envelopes = false;
  bool json_values = false;
  std::string format;
  std::string key_delimiter;
  std::optional<std::string> delimiter;  ///< not given: a newline, or nothing after a format
  bool show_null = false;
  bool decode = false;  ///< for whoever hands out the records: the printer takes them as they are

  bool operator==(const PrintOptions&) const = default;
};

void add_print_flags(CLI::App& app, PrintOptions& options);

/// Keeps scratch memory, so that printing allocates nothing per record. For one thread.
class RecordPrinter {
 public:
  /// On a terminal, bytes that could steer it are escaped. Throws Error{usage} for a wrong format.
  RecordPrinter(const PrintOptions& options, StreamKind kind);

  /// Appends the record with its delimiter.
  void append(std::string& out, const RecordView& record);

 private:
  void append_piece(std::string& out, const FormatPiece& piece, const RecordView& record) const;
  void append_bytes(std::string& out, const std::optional<std::string_view>& bytes, ByteForm form) const;
  void append_headers(std::string& out, std::span<const HeaderView> headers, ByteForm form) const;
  void append_formatted(std::string& out, const RecordView& record) const;

  PrintOptions m_options;
  StreamKind m_kind;
  std::string m_delimiter;
  std::vector<FormatPiece> m_pieces;
  EnvelopeWriter m_envelopes;
  std::string m_line;
};

}  // namespace kbeat::app
