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
    UpsertQuizEvent row{.event_id = own_or(body, "event_id", event.id),
                        .event_type = own_or(body, "event_type", event.type),
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

 private:
  /// The body's field, or what the shape around it says.
  static std::string own_or(BodyReader& body, std::string_view field, const std::string& of_shape) {
    if (body.has(field) || of_shape.empty()) return body.id(field);
    return of_shape;
  }
};

}  // namespace

std::unique_ptr<Handler> make_quiz_event() {
  return std::make_unique<QuizEvent>();
}

}  // namespace kbeat::handlers
