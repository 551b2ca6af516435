// Writes records as JSON lines (docs: the record envelope), without loss for any bytes.
#pragma once

#include <memory>
#include <string>

#include "kbeat/model/record.hpp"

namespace kbeat {

/// How a payload that is JSON itself is written: as a string, or put in verbatim and marked.
enum class PayloadForm { text, json };

/// Keeps scratch memory between records, so that writing one allocates nothing. For one thread.
class EnvelopeWriter {
 public:
  explicit EnvelopeWriter(PayloadForm form);
  EnvelopeWriter(const EnvelopeWriter&) = delete;
  EnvelopeWriter& operator=(const EnvelopeWriter&) = delete;
  ~EnvelopeWriter();

  /// Appends one line, without the newline.
  void append(std::string& out, const RecordView& record);

 private:
  struct JsonCheck;
  [[nodiscard]] bool fits_verbatim(std::string_view payload);

  std::unique_ptr<JsonCheck> m_json;  ///< only for PayloadForm::json
};

}  // namespace kbeat
