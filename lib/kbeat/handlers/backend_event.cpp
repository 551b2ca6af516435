// Events of the AI backend: the fields that each kind must have, and whom it is about.
#include "kbeat/handlers/backend_event.hpp"

#include <fmt/format.h>

#include <array>

#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::handlers {
namespace {

constexpr std::array<std::string_view, 4> k_subjects{"conversation_id", "business_id", "workflow_id",
                                                     "user_id"};

std::string subject_of(BodyReader& body) {
  for (const std::string_view field : k_subjects) {
    if (body.has(field)) return body.id(field);
  }
  return {};
}

/// Metrics of the same name that belong to different businesses are different metrics.
UpsertMetric business_metric(BodyReader& body, const Event& event) {
  const std::string metric = body.text("metric_name");
  const std::string business = body.has("business_id") ? body.id("business_id") : std::string();
  return {.metric = business.empty() ? metric : fmt::format("{}/{}", business, metric),
          .value = body.json("metric_value"),
          .metadata = std::string(event.body)};
}

class BackendEvent final : public Handler {
 public:
  std::string_view name() const override { return "backend-event"; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext&) override {
    BodyReader body(event.body);
    if (event.type.empty()) body.reject("the event has no type");
    if (event.type.starts_with("conversation.")) (void)body.id("conversation_id");
    if (event.type == "ai.response.generated") (void)body.text("model_name");
    Done done;
    done.effects.emplace_back(AppendEvent{event.type, subject_of(body), std::string(event.document)});
    if (event.type == "business.analytics.update") done.effects.emplace_back(business_metric(body, event));
    if (body.rejection()) return *body.rejection();
    return done;
  }
};

}  // namespace

std::unique_ptr<Handler> make_backend_event() {
  return std::make_unique<BackendEvent>();
}

}  // namespace kbeat::handlers
