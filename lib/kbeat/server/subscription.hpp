// What one live client wants to see, read from its request.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/server/http_message.hpp"

namespace kbeat::server {

struct FromEarliest {};
/// Where each named partition goes on; others begin with what comes.
struct FromPositions {
  std::map<TopicPartition, Offset> next;
};
/// Nothing: only what comes from now on.
using ResumePoint = std::variant<std::monostate, FromEarliest, WallTime, FromPositions>;

struct Subscription {
  std::vector<std::string> devices{};  ///< of data.DEVICE_ID; empty: all
  std::vector<std::string> topics{};   ///< empty: all
  std::vector<std::string> where{};    ///< all must hold
  ResumePoint from{};
  bool envelope = false;
  bool text_keepalive = false;

  /// Whether the record's topic and device are wanted; `where` is asked elsewhere.
  [[nodiscard]] bool wants_topic(std::string_view topic) const;
  [[nodiscard]] bool wants_device(const std::optional<std::string>& device) const;
};

/// From the parameters device_ids, topics, where, from, envelope, keepalive and the header Last-Event-ID.
/// Throws Error{bad_input} naming the parameter.
[[nodiscard]] Subscription read_subscription(const HttpRequest& request, Clock& clock);

/// Throws Error{bad_input} for a place to begin at that is in no topic of `served`, or in no partition of one
/// whose partitions are `known`.
void check_places(const Subscription& wanted, const std::vector<std::string>& served,
                  const std::vector<TopicPartition>& known);

/// The first topic asked for that is none of `served`.
[[nodiscard]] std::optional<std::string> topic_not_served(const Subscription& wanted,
                                                          const std::vector<std::string>& served);

}  // namespace kbeat::server
