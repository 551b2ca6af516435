// generic_topic: seen and done.
#include "kbeat/handlers/generic_topic.hpp"

#include "kbeat/base/log.hpp"

namespace kbeat::handlers {
namespace {

class GenericTopic final : public Handler {
 public:
  std::string_view name() const override { return "generic-topic"; }

  Outcome handle(const RecordView& record, const Event& event, const HandlerContext&) override {
    log_debug("{}[{}]@{}: {}", record.topic, record.partition.get(), record.offset.get(), event.document);
    return Done{};
  }
};

}  // namespace

std::unique_ptr<Handler> make_generic_topic() {
  return std::make_unique<GenericTopic>();
}

}  // namespace kbeat::handlers
