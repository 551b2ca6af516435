// BEAT_DELETED: one effect; the store keeps a tombstone.
#include "kbeat/handlers/beat_deleted.hpp"

#include <utility>

namespace kbeat::handlers {
namespace {

class BeatDeleted final : public Handler {
 public:
  explicit BeatDeleted(std::shared_ptr<BeatMeasurer> measurer) : m_measurer(std::move(measurer)) {}

  std::string_view name() const override { return "beat-deleted"; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext&) override {
    BodyReader body(event.body);
    const std::string beat_id = body.text("beatId");
    if (body.rejection()) return *body.rejection();
    m_measurer->recent().note(beat_id, "");
    return done_with(DeleteBeat{beat_id});
  }

 private:
  std::shared_ptr<BeatMeasurer> m_measurer;
};

}  // namespace

std::unique_ptr<Handler> make_beat_deleted(std::shared_ptr<BeatMeasurer> measurer) {
  return std::make_unique<BeatDeleted>(std::move(measurer));
}

}  // namespace kbeat::handlers
