// The table of built-in topics and types.
#include "kbeat/handlers/builtin.hpp"

#include <array>
#include <string>
#include <utility>

#include "kbeat/handlers/backend_event.hpp"
#include "kbeat/handlers/beat_created.hpp"
#include "kbeat/handlers/beat_deleted.hpp"
#include "kbeat/handlers/dashboard_refresh.hpp"
#include "kbeat/handlers/generic_topic.hpp"
#include "kbeat/handlers/metric_changed.hpp"
#include "kbeat/handlers/notification_event.hpp"
#include "kbeat/handlers/quiz_event.hpp"

namespace kbeat::handlers {
namespace {

struct BackendTopic {
  const char* topic;
  std::array<const char*, 7> types;  ///< the first, empty, is for events without a type; null ends the list
};

constexpr std::array<BackendTopic, 4> k_backend_topics{{
    {"conversation.events", {"", "conversation.started", "conversation.message", "conversation.ended"}},
    {"ai.responses", {"", "ai.response.generated", "ai.model.switched"}},
    {"business.analytics", {"", "business.analytics.update"}},
    {"system.monitoring",
     {"", "system.error", "system.health_check", "user.action", "workflow.started", "workflow.completed",
      "workflow.failed"}},
}};

/// An event without a type is taken for what its topic is mostly about.
void add_beats(RouteTable& table, const Dependencies& dependencies) {
  const auto measurer = std::make_shared<BeatMeasurer>(dependencies.downloader, dependencies.analyzer);
  Handler& created = table.own(make_beat_created(measurer));
  table.add("beats-events", "", created);
  table.add("beats-events", "BEAT_CREATED", created);
  table.add("beats-events", "BEAT_UPDATED", table.own(make_beat_updated(measurer, dependencies.beats)));
  table.add("beats-events", "BEAT_DELETED", table.own(make_beat_deleted(measurer)));
}

void add_metrics(RouteTable& table) {
  Handler& changed = table.own(make_metric_changed());
  Handler& refresh = table.own(make_dashboard_refresh());
  for (const char* const topic : {"metrics-events", "analytics-events"}) {
    for (const char* const type : {"", "METRIC_UPDATED", "METRIC_CALCULATED"})
      table.add(topic, type, changed);
    table.add(topic, "DASHBOARD_REFRESH", refresh);
  }
}

void add_backend(RouteTable& table) {
  Handler& handler = table.own(make_backend_event());
  for (const BackendTopic& topic : k_backend_topics) {
    for (const char* const type : topic.types) {
      if (type != nullptr) table.add(topic.topic, type, handler);
    }
  }
}

}  // namespace

std::unique_ptr<RouteTable> builtin_handlers(const Dependencies& dependencies) {
  auto table = std::make_unique<RouteTable>();
  add_beats(*table, dependencies);
  add_metrics(*table);
  add_backend(*table);
  table->add_any("notifications", table->own(make_notification_event()));
  table->add_any("generic_topic", table->own(make_generic_topic()));
  table->add_any("quiz-events", table->own(make_quiz_event()));
  return table;
}

}  // namespace kbeat::handlers
