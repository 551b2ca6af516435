// The handlers that kbeat brings along, with their routes.
#pragma once

#include <memory>

#include "kbeat/confine/analyzer.hpp"
#include "kbeat/handlers/beat_updated.hpp"
#include "kbeat/handlers/route_table.hpp"
#include "kbeat/net/download.hpp"

namespace kbeat::handlers {

/// What beat events need; all of it outlives the handlers.
struct Dependencies {
  net::Downloader& downloader;
  confine::Analyzer& analyzer;
  BeatReaders beats;
};

/// A table of the built-in routes, to which a configuration may add its own.
[[nodiscard]] std::unique_ptr<RouteTable> builtin_handlers(const Dependencies& dependencies);

}  // namespace kbeat::handlers
