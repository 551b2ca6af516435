// What consume says of each event: one line of JSON, printed after its commit.
#pragma once

#include <string>
#include <string_view>

#include "kbeat/pipeline/work.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::pipeline {

/// Appends `{"topic","partition","offset","key","type","id","outcome","attempts","ms","error","result"}` and
/// a newline. `outcome` is done, duplicate, unhandled, skipped or dead_letter; a key that is not UTF-8 is
/// base64 with "key_enc" beside it; a done event that was older than what the store has gets
/// `"superseded":true`.
void append_result_line(std::string& lines, const Work& work, const store::AppliedRecord& applied);

/// Where the lines go, those of a batch at once. `write` must not wait for a slow reader.
class ResultSink {
 public:
  ResultSink() = default;
  ResultSink(const ResultSink&) = delete;
  ResultSink& operator=(const ResultSink&) = delete;
  virtual ~ResultSink() = default;
  virtual void write(std::string_view lines) = 0;
  /// False while so much waits for the reader that no more should be begun. Throws Error{pipe_closed} when
  /// the reader went away, Error{io, no_space} when lines cannot be written.
  [[nodiscard]] virtual bool has_room() = 0;
};

}  // namespace kbeat::pipeline
