// Envelopes and environments of programs.
#include "kbeat/handlers/event_envelope.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/child_process.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/envelope_writer.hpp"

namespace kbeat::handlers {
namespace {

const std::array<std::string, 9> k_always{"PATH",     "HOME", "USER",   "LANG",           "LC_ALL",
                                          "LC_CTYPE", "TZ",   "TMPDIR", "XDG_RUNTIME_DIR"};

}  // namespace

std::string event_envelope(const RecordView& record, std::string_view id) {
  thread_local EnvelopeWriter writer(PayloadForm::text);
  std::string line;
  writer.append(line, record);
  if (id.empty()) return line;
  std::string with_id = "{\"id\":";
  append_json_string(with_id, id);
  with_id += ',';
  with_id.append(line, 1);
  return with_id;
}

std::vector<std::string> program_environment(const std::vector<std::string>& wanted) {
  std::vector<std::string> environment = inherited_environment(k_always);
  for (const std::string& entry : wanted) {
    if (entry.find('=') != std::string::npos) {
      environment.push_back(entry);
    } else {
      for (std::string& ours : inherited_environment({&entry, 1})) environment.push_back(std::move(ours));
    }
  }
  return environment;
}

std::vector<std::string> trail_environment(const Trail* trail) {
  std::vector<std::string> variables;
  if (trail == nullptr) return variables;
  const auto add = [&variables](std::string_view name, const std::string& value) {
    // A variable ends at a NUL: what holds one is not what it says.
    if (!value.empty() && value.find('\0') == std::string::npos)
      variables.push_back(fmt::format("{}={}", name, value));
  };
  if (trail->context) add("TRACEPARENT", to_traceparent(*trail->context));
  if (trail->context) add("TRACESTATE", trail->state);
  add("CORRELATION_ID", trail->correlation_id);
  return variables;
}

std::vector<std::string> trail_http_headers(const Trail* trail) {
  std::vector<std::string> fields;
  if (trail == nullptr) return fields;
  const auto add = [&fields](std::string_view name, const std::string& value) {
    const bool printable =
        std::all_of(value.begin(), value.end(), [](unsigned char c) { return c >= 0x20 && c < 0x7F; });
    if (!value.empty() && printable) fields.push_back(fmt::format("{}: {}", name, value));
  };
  if (trail->context) add("traceparent", to_traceparent(*trail->context));
  if (trail->context) add("tracestate", trail->state);
  add("X-Correlation-ID", trail->correlation_id);
  return fields;
}

std::string program_handler_name(std::string_view kind, const std::vector<std::string>& command) {
  const std::string& program = command.front();
  return fmt::format("{}:{}", kind, program.substr(program.rfind('/') + 1));
}

}  // namespace kbeat::handlers
