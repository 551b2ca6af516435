// BEAT_UPDATED: an update that leaves audio and user as they were changes nothing.
#include "kbeat/handlers/beat_updated.hpp"

#include <utility>

namespace kbeat::handlers {
namespace {

class BeatUpdated final : public Handler {
 public:
  BeatUpdated(std::shared_ptr<BeatMeasurer> measurer, BeatReaders readers)
      : m_measurer(std::move(measurer)), m_readers(std::move(readers)) {}

  std::string_view name() const override { return "beat-updated"; }
  Cost cost() const override { return Cost::slow; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext& context) override {
    BodyReader body(event.body);
    const Beat beat = read_beat(body);
    if (body.has("audioUrl") && beat.audio_url.empty()) body.reject("audioUrl is empty");
    if (body.rejection()) return *body.rejection();
    if (beat.audio_url.empty() || is_measured(beat)) return Done{};
    return m_measurer->measure(beat, context);
  }

 private:
  /// The store alone may lag behind what was handled a moment ago; memory alone may hold what was never
  /// committed. Only when neither disagrees is the work spared.
  [[nodiscard]] bool is_measured(const Beat& beat) const {
    const std::optional<std::string> recent = m_measurer->recent().find(beat.id);
    return recent.value_or(beat.audio_url) == beat.audio_url &&
           m_readers().audio_url(beat.id) == beat.audio_url &&
           (beat.user_id.empty() || m_readers().user_id(beat.id) == beat.user_id);
  }

  std::shared_ptr<BeatMeasurer> m_measurer;
  BeatReaders m_readers;
};

}  // namespace

std::unique_ptr<Handler> make_beat_updated(std::shared_ptr<BeatMeasurer> measurer, BeatReaders readers) {
  return std::make_unique<BeatUpdated>(std::move(measurer), std::move(readers));
}

}  // namespace kbeat::handlers
