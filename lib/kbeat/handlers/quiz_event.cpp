// Quiz events: the fields of the quiz service as columns, the event itself verbatim.
#include "kbeat/handlers/quiz_event.hpp"

#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::handlers {
namespace {

class QuizEvent final : public Handler {
 public:
  std::string_view name() const override { return "quiz-event"; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext&) override {
    BodyReader body(event.body);
    // The body's field counts before what the shape around it says.
    const auto is_own = [&](const char* field, const std::string& of_shape) {
      return body.has(field) || of_shape.empty();
    };
    UpsertQuizEvent row{.event_id = is_own("event_id", event.id) ? body.id("event_id") : event.id,
                        .event_type = is_own("event_type", event.type) ? body.text("event_type") : event.type,
                        .timestamp = body.optional_text("timestamp"),
                        .session_id = body.text("session_id"),
                        .quiz_id = body.optional_text("quiz_id"),
                        .classroom_id = body.optional_text("classroom_id"),
                        .question_id = body.optional_text("question_id"),
                        .timer_sec = body.optional_number("timer_sec"),
                        .raw = std::string(event.document)};
    if (body.rejection()) return *body.rejection();
    return done_with(std::move(row));
  }
};

}  // namespace

std::unique_ptr<Handler> make_quiz_event() {
  return std::make_unique<QuizEvent>();
}

}  // namespace kbeat::handlers
