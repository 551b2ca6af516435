// Reads records from JSON lines: our envelopes, and what kcat -J prints. Nothing is guessed.
#pragma once

#include <memory>
#include <string_view>

#include "kbeat/model/record.hpp"

namespace kbeat {

/// Keeps scratch memory between lines, so that reading one allocates nothing. For one thread.
class EnvelopeReader {
 public:
  EnvelopeReader();
  EnvelopeReader(const EnvelopeReader&) = delete;
  EnvelopeReader& operator=(const EnvelopeReader&) = delete;
  ~EnvelopeReader();

  /// The record of one line, valid until the next call. What the line leaves out is empty: topic "",
  /// partition and offset -1, timestamp type none, key null, no headers. Throws Error{bad_input} that says
  /// which field is wrong and what it may be; a payload that is missing is an error, not a tombstone.
  [[nodiscard]] const RecordView& read(std::string_view line);

 private:
  class Parser;
  std::unique_ptr<Parser> m_parser;
};

}  // namespace kbeat
