// The event as a program of the user's gets it: the record envelope as one line of JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/model/trace.hpp"

namespace kbeat::handlers {

/// Without a newline. An `id` that is not empty becomes the envelope's first field. Any thread.
[[nodiscard]] std::string event_envelope(const RecordView& record, std::string_view id = {});

/// The environment of a program of the user's: what any program needs (PATH, HOME, LANG …), and `wanted`:
/// `NAME` to pass ours on, or `NAME=value`.
[[nodiscard]] std::vector<std::string> program_environment(const std::vector<std::string>& wanted);

/// For a program that is started for one event: TRACEPARENT, TRACESTATE and CORRELATION_ID, as far as there
/// are any.
[[nodiscard]] std::vector<std::string> trail_environment(const Trail* trail);

/// The same for a request: `traceparent: …` and so on.
[[nodiscard]] std::vector<std::string> trail_http_headers(const Trail* trail);

/// `exec:` and the program's own name: how a handler without a name is called.
[[nodiscard]] std::string program_handler_name(std::string_view kind,
                                               const std::vector<std::string>& command);

}  // namespace kbeat::handlers
