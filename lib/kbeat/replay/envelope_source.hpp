// A file of envelopes, a record a line.
#pragma once

#include <cstdint>
#include <fstream>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/model/envelope_reader.hpp"
#include "kbeat/replay/replay_source.hpp"

namespace kbeat::replay {

/// The cursor counts lines. A line that is no envelope is a fault that names it, or is handed to
/// `on_bad_line` when there is one. Throws Error{not_found, bad_input} for a file that cannot be read.
class EnvelopeSource final : public ReplaySource {
 public:
  /// `line` counts from 1; the error names it.
  using OnBadLine = std::function<void(std::string_view text, std::uint64_t line, const Error& error)>;

  /// `path` is `-` for standard input, which cannot be sought in.
  EnvelopeSource(std::string path, OnBadLine on_bad_line);

  [[nodiscard]] std::string description() const override { return "file " + m_path; }
  [[nodiscard]] const Cursor& cursor() const override { return m_cursor; }
  [[nodiscard]] Cursor cursor_before(const RecordView&) const override;
  [[nodiscard]] std::string name_of(const RecordView& record) const override;
  void seek(const Cursor& cursor) override;
  [[nodiscard]] Turn turn(Milliseconds timeout, const Take& take) override;
  [[nodiscard]] std::optional<Error> fault() const override { return m_fault; }

 private:
  [[nodiscard]] std::istream& stream();
  [[nodiscard]] Turn stop_at(const Error& fault);

  std::string m_path;
  OnBadLine m_on_bad_line;
  std::ifstream m_file;
  EnvelopeReader m_reader;
  Cursor m_cursor;
  std::string m_line;
  std::optional<Error> m_fault;
};

}  // namespace kbeat::replay
