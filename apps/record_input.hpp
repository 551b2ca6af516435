// Turns lines of input into records, as `produce` was asked to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/envelope_reader.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/model/trace.hpp"

namespace kbeat::app {

/// How a line becomes a record.
struct RecordForm {
  std::string topic;                      ///< empty: each envelope's own
  bool envelopes = false;                 ///< -J
  std::optional<std::string> key;         ///< -k
  std::string key_delimiter;              ///< -K; empty: lines have no key
  std::vector<std::string> headers;       ///< -H NAME=VALUE; without = the value is null
  bool empty_is_null = false;             ///< -Z
  std::optional<std::int32_t> partition;  ///< -p; -1 chooses by key even where an envelope names one
  bool stamp_now = false;                 ///< --ts now
  bool trace = false;                     ///< --trace: each record without a traceparent gets one
  std::optional<TraceContext> cause;      ///< whose step they are; nothing: each record begins a trace
  std::string trace_state;                ///< of that
  std::string correlation_id;             ///< --correlation-id, for records without one
};

/// For one thread.
class RecordInput {
 public:
  explicit RecordInput(RecordForm form);

  /// Valid until the next call. Throws Error{bad_input} saying what is wrong with the line.
  [[nodiscard]] const RecordView& read(std::string_view line);
  /// Where records go that no flag says it of.
  void set_place(const std::optional<std::string>& key, std::optional<std::int32_t> partition);
  /// The topic of all records; empty: each envelope's own.
  [[nodiscard]] const std::string& topic() const { return m_form.topic; }

 private:
  void take_envelope(std::string_view line);
  void take_plain(std::string_view line);
  void add_headers(const std::vector<HeaderView>& more);
  void add_trail();

  RecordForm m_form;
  std::vector<HeaderView> m_headers;  ///< of -H
  std::vector<HeaderView> m_joined;   ///< an envelope's, those and the trail
  std::string m_traceparent;
  EnvelopeReader m_envelopes;
  RecordView m_record;
};

}  // namespace kbeat::app
