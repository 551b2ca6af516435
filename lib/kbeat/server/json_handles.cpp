// The JSON documents that routes of the management API are written with.
#include "kbeat/server/json_handles.hpp"

namespace kbeat::server {

HttpResponse json_of(const Json& value, int status) {
  return {.status = status, .body = value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Json parts_of(const Management& parts) {
  Json rows = Json::array();
  for (const upkeep::PartState& part : parts.parts()) {
    rows.push_back({{"part", part.name},
                    {"running", part.running},
                    {"restarts", part.restarts},
                    {"last_error", part.last_error.empty() ? Json(nullptr) : Json(part.last_error)}});
  }
  return rows;
}

}  // namespace kbeat::server
