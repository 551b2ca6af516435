// BEAT_CREATED: checks the fields, then measures.
#include "kbeat/handlers/beat_created.hpp"

#include <utility>

namespace kbeat::handlers {
namespace {

class BeatCreated final : public Handler {
 public:
  explicit BeatCreated(std::shared_ptr<BeatMeasurer> measurer) : m_measurer(std::move(measurer)) {}

  std::string_view name() const override { return "beat-created"; }
  Cost cost() const override { return Cost::slow; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext& context) override {
    BodyReader body(event.body);
    const Beat beat = read_beat(body);
    if (beat.audio_url.empty()) (void)body.text("audioUrl", k_longest_url);
    if (body.rejection()) return *body.rejection();
    return m_measurer->measure(beat, context);
  }

 private:
  std::shared_ptr<BeatMeasurer> m_measurer;
};

}  // namespace

std::unique_ptr<Handler> make_beat_created(std::shared_ptr<BeatMeasurer> measurer) {
  return std::make_unique<BeatCreated>(std::move(measurer));
}

}  // namespace kbeat::handlers
