// The JSON documents that routes of the management API are written with.
#pragma once

#include <nlohmann/json.hpp>

#include "kbeat/server/management.hpp"

namespace kbeat::server {

using Json = nlohmann::ordered_json;

[[nodiscard]] HttpResponse json_of(const Json& value, int status = 200);

/// `[{"part","running","restarts","last_error"}]`: what runs beside the server in its process.
[[nodiscard]] Json parts_of(const Management& parts);

}  // namespace kbeat::server
