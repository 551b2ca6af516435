// From flags and settings to what the consume loop takes.
#pragma once

#include "cmd_consume.hpp"
#include "kbeat/pipeline/consume_options.hpp"

namespace kbeat::app {

/// The topics named on the command line, else the setting's, else beats-events; ^ begins a pattern.
[[nodiscard]] std::vector<std::string> consumed_topics(const ConsumeFlags& flags, const Context& context);

/// Throws Error{usage} naming the flag whose value is wrong.
[[nodiscard]] pipeline::ConsumeOptions consume_options(const ConsumeFlags& flags, const Context& context);

}  // namespace kbeat::app
