// What a view means in words, and what a watch raises that knows no alerts.
#include "kbeat/pipeline/consume_view.hpp"

namespace kbeat::pipeline {

const char* connection_name(const ConsumeView& view) {
  if (!view.needs_broker) return "embedded";
  return view.connection.connected ? "connected" : "disconnected";
}

std::vector<RaisedAlert> ConsumeWatch::raised() const {
  return {};
}

}  // namespace kbeat::pipeline
