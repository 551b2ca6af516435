// Metric events: which of the two forms it is, and its row.
#include "kbeat/handlers/metric_changed.hpp"

#include "kbeat/handlers/beat_metrics.hpp"

namespace kbeat::handlers {
namespace {

class MetricChanged final : public Handler {
 public:
  std::string_view name() const override { return "metric-changed"; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext&) override {
    BodyReader body(event.body);
    Effect effect = body.has("beatId") && !body.has("metric") ? of_beat(body) : named(body);
    if (body.rejection()) return *body.rejection();
    return done_with(std::move(effect));
  }

 private:
  static Effect of_beat(BodyReader& body) {
    const Beat beat = read_beat(body);
    return to_row(beat, body);
  }

  static Effect named(BodyReader& body) {
    if (!body.has("metric")) body.reject("neither metric nor beatId is there");
    return UpsertMetric{body.text("metric"), body.json("value"), body.optional_object("metadata")};
  }
};

}  // namespace

std::unique_ptr<Handler> make_metric_changed() {
  return std::make_unique<MetricChanged>();
}

}  // namespace kbeat::handlers
