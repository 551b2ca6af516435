// Notifications: three fields, all required.
#include "kbeat/handlers/notification_event.hpp"

#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::handlers {
namespace {

constexpr std::size_t k_longest_content = 1 << 20;

class NotificationEvent final : public Handler {
 public:
  std::string_view name() const override { return "notification"; }

  Outcome handle(const RecordView&, const Event& event, const HandlerContext&) override {
    BodyReader body(event.body);
    InsertNotification row{body.id("user_id"), body.text("event"), content_of(body)};
    if (body.rejection()) return *body.rejection();
    return done_with(std::move(row));
  }

 private:
  /// Text as it is, any other value as its JSON.
  static std::string content_of(BodyReader& body) {
    const std::string json = body.json("content");
    return json.starts_with('"') ? body.text("content", k_longest_content) : json;
  }
};

}  // namespace

std::unique_ptr<Handler> make_notification_event() {
  return std::make_unique<NotificationEvent>();
}

}  // namespace kbeat::handlers
