// Cuts a body with many events into its events, without copying them.
#include <simdjson.h>

#include <algorithm>

#include "kbeat/model/event.hpp"
#include "kbeat/server/event_forms.hpp"

namespace kbeat::server {

std::vector<std::string_view> split_array(std::string_view body) {
  std::string reason;
  if (!is_json(body, &reason)) throw BadEvent("the body is not JSON: " + reason);
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(body);
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_array().get(array) != simdjson::SUCCESS)
    throw BadEvent("the body is no array of events");
  std::vector<std::string_view> events;
  for (auto element : array) {
    std::string_view text;
    if (simdjson::to_json_string(element).get(text) != simdjson::SUCCESS)
      throw BadEvent("the body is no array of events");
    // The same place in the body that we were given, which outlives the parser's copy.
    events.push_back(body.substr(static_cast<std::size_t>(text.data() - padded.data()), text.size()));
  }
  return events;
}

std::vector<std::string_view> split_lines(std::string_view body) {
  std::vector<std::string_view> events;
  while (!body.empty()) {
    std::string_view line = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(body.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) events.push_back(line);
  }
  return events;
}

}  // namespace kbeat::server
