// What one live client wants to see, read from its request.
#include "kbeat/server/subscription.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/filter/where.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_values = 10'000;
constexpr std::size_t k_most_conditions = 16;

[[noreturn]] void refuse(std::string_view parameter, std::string_view value, std::string_view wanted) {
  throw Error(ErrorCode::bad_input,
              fmt::format("{}={}: {}", parameter, escape_for_terminal(value, 80), wanted));
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::string_view part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    if (!part.empty()) parts.emplace_back(part);
  }
  return parts;
}

std::vector<std::string> list_of(const HttpRequest& request, std::string_view name) {
  std::vector<std::string> values;
  for (const auto& [parameter, value] : request.query) {
    if (parameter != name) continue;
    for (std::string& part : split(value)) values.push_back(std::move(part));
  }
  if (values.size() > k_most_values) refuse(name, "…", "these are too many values");
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<Position> parse_place(std::string_view text) {
  const std::size_t second = text.rfind('/');
  if (second == std::string_view::npos || second == 0) return std::nullopt;
  const std::size_t first = text.rfind('/', second - 1);
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  const auto partition = whole_number<std::int32_t>(text.substr(first + 1, second - first - 1));
  const auto offset = whole_number<std::int64_t>(text.substr(second + 1));
  if (!partition || !offset) return std::nullopt;
  return Position{{TopicName{std::string(text.substr(0, first))}, Partition{*partition}}, Offset{*offset}};
}

FromPositions parse_places(std::string_view parameter, std::string_view text) {
  FromPositions from;
  for (const std::string& part : split(text)) {
    const auto place = parse_place(part);
    if (!place) refuse(parameter, text, "give TOPIC/PARTITION/OFFSET, several with commas");
    from.next[place->partition] = place->next;
  }
  return from;
}

/// An event's id names the record that was seen, then where the other partitions go on.
ResumePoint after_event(std::string_view id) {
  FromPositions from = parse_places("Last-Event-ID", id);
  const auto own = parse_place(id.substr(0, id.find(',')));
  if (own) from.next[own->partition] = Offset{own->next.get() + 1};
  return from;
}

ResumePoint parse_from(std::string_view text, Clock& clock) {
  if (text.empty() || text == "latest" || text == "end") return std::monostate{};
  if (text == "earliest" || text == "beginning") return FromEarliest{};
  if (text.find('/') != std::string_view::npos) return parse_places("from", text);
  if (const auto ms = whole_number<std::int64_t>(text)) return WallTime{Milliseconds{*ms}};
  try {
    if (text.starts_with('-')) return clock.now() - parse_duration(text.substr(1));
    return parse_rfc3339(text);
  } catch (const Error&) {
    refuse("from", text,
           "give earliest, latest, TOPIC/PARTITION/OFFSET, a time (RFC 3339 or milliseconds) or a span such "
           "as -10m");
  }
}

void check_conditions(const std::vector<std::string>& conditions) {
  if (conditions.size() > k_most_conditions) refuse("where", "…", "these are too many conditions");
  for (const std::string& condition : conditions) {
    try {
      const filter::Where parsed(condition);
    } catch (const Error& error) {
      std::string_view reason = error.what();
      constexpr std::string_view k_flag = "--where ";
      if (reason.starts_with(k_flag)) reason.remove_prefix(k_flag.size());
      throw Error(ErrorCode::bad_input, fmt::format("where={}", reason));
    }
  }
}

}  // namespace

bool Subscription::wants_topic(std::string_view topic) const {
  return topics.empty() || std::find(topics.begin(), topics.end(), topic) != topics.end();
}

bool Subscription::wants_device(const std::optional<std::string>& device) const {
  return devices.empty() || (device && std::binary_search(devices.begin(), devices.end(), *device));
}

std::optional<std::string> topic_not_served(const Subscription& wanted,
                                            const std::vector<std::string>& served) {
  for (const std::string& topic : wanted.topics) {
    if (std::find(served.begin(), served.end(), topic) == served.end()) return topic;
  }
  return std::nullopt;
}

void check_places(const Subscription& wanted, const std::vector<std::string>& served,
                  const std::vector<TopicPartition>& known) {
  const auto* places = std::get_if<FromPositions>(&wanted.from);
  if (places == nullptr) return;
  for (const auto& [partition, next] : places->next) {
    const std::string place = fmt::format("{}/{}", partition.topic.get(), partition.partition.get());
    if (std::find(served.begin(), served.end(), partition.topic.get()) == served.end())
      refuse("from", place, "this server does not stream that topic");
    const bool is_read =
        std::any_of(known.begin(), known.end(),
                    [&topic = partition.topic](const auto& each) { return each.topic == topic; });
    if (is_read && std::find(known.begin(), known.end(), partition) == known.end())
      refuse("from", place, "the topic has no such partition");
  }
}

Subscription read_subscription(const HttpRequest& request, Clock& clock) {
  Subscription subscription;
  subscription.devices = list_of(request, "device_ids");
  subscription.topics = list_of(request, "topics");
  for (const auto& [name, value] : request.query) {
    if (name == "where" && !value.empty()) subscription.where.push_back(value);
  }
  check_conditions(subscription.where);
  subscription.from = parse_from(request.parameter("from"), clock);
  if (const std::string_view id = request.header("last-event-id"); !id.empty())
    subscription.from = after_event(id);
  subscription.envelope = yes_or_no(request, "envelope");
  const std::string_view keepalive = request.parameter("keepalive");
  subscription.text_keepalive = keepalive == "text";
  if (!keepalive.empty() && keepalive != "text") refuse("keepalive", keepalive, "give text, or leave it out");
  return subscription;
}

}  // namespace kbeat::server
