// Sends events on to another topic, through the outbox.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kbeat/handlers/handler.hpp"

namespace kbeat::handlers {

struct ForwardOptions {
  std::string name;  ///< empty: made from the topic's
  TopicName to;
};

/// Key, value and headers as they are, without kbeat's own headers of the former hop. The id is made from the
/// event's, so that a record that reaches the topic twice is recognised. What comes from the target itself is
/// rejected.
[[nodiscard]] std::unique_ptr<Handler> make_forward_handler(ForwardOptions options);

}  // namespace kbeat::handlers
