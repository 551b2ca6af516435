// `kbeat events`: the types of events that have a schema, and whether events fit it.
#pragma once

#include <string>

#include "command.hpp"

namespace kbeat::app {

struct EventsListOptions {
  std::string output;
};

struct EventsSchemaOptions {
  std::string name;
};

struct EventsValidateOptions {
  std::string file;  ///< empty: stdin
  std::string topic;
  std::string type;
  bool envelopes = false;
  bool strict = false;
  std::string output;
};

void add_events(CommandLine& line);
[[nodiscard]] int run_events_list(const EventsListOptions& options, Context& context);
[[nodiscard]] int run_events_schema(const EventsSchemaOptions& options, Context& context);
[[nodiscard]] int run_events_validate(const EventsValidateOptions& options, Context& context);

}  // namespace kbeat::app
