// Dead letters of the management API: shown, counted, retried.
#include <fmt/format.h>

#include <charconv>

#include "kbeat/dlq/dlq_view.hpp"
#include "kbeat/dlq/error_patterns.hpp"
#include "kbeat/dlq/letter_desk.hpp"
#include "kbeat/dlq/letter_retry.hpp"
#include "kbeat/server/json_handles.hpp"
#include "kbeat/store/store.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_most_shown = 1000;
constexpr std::size_t k_shown = 100;

/// The store and what is read with it, for one request.
struct LetterPlace {
  explicit LetterPlace(const Management& parts)
      : store(store::open_store(parts.data_dir, store::OpenMode::read_write)),
        source{.transport = answering_transport(parts),
               .outbox = &store->outbox(),
               .archive = &store->letters(),
               .timeout = parts.timeout} {}
  std::unique_ptr<store::Store> store;
  dlq::DlqSource source;
};

std::vector<TopicName> topics_of(std::string_view chosen) {
  if (chosen.empty()) return {TopicName{"analytics-dlq"}, TopicName{"dead.letter.queue"}};
  check_topic_name(chosen);
  return {TopicName{std::string(chosen)}};
}

/// A DLQ that does not exist yet has no letters.
void view(const LetterPlace& place, const TopicName& topic, const dlq::LetterQuery& query,
          const dlq::LetterSink& sink) {
  try {
    dlq::view_letters(place.source, topic, query, {}, sink);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found) throw;
  }
}

Json letter_of(const TopicName& dlq, const dlq::SeenLetter& letter) {
  Json row{{"id", letter.id},
           {"dlq", dlq.get()},
           {"state", std::string(to_string(letter.state))},
           {"topic", std::string(letter.topic)},
           {"category", letter.category ? Json(std::string(to_string(*letter.category))) : Json(nullptr)},
           {"error", letter.error},
           {"failed_at", letter.failed_at},
           {"attempts", letter.attempts ? Json(*letter.attempts) : Json(nullptr)},
           {"replays", letter.replays}};
  const auto value = letter.value();
  row["value"] = value ? Json(std::string(value->substr(0, 2000))) : Json(nullptr);
  return row;
}

HttpResponse show(const Management& parts, const HttpRequest& request) {
  std::size_t limit = k_shown;
  if (const auto text = request.parameter("limit"); !text.empty()) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (result.ec != std::errc{} || limit == 0 || limit > k_most_shown)
      return problem(400, fmt::format("limit is a number from 1 to {}", k_most_shown));
  }
  const LetterPlace place(parts);
  dlq::LetterQuery query;
  if (request.parameter("state") == "all") query.state.reset();
  query.error_pattern = request.parameter("error");
  Json letters = Json::array();
  std::size_t total = 0;
  for (const TopicName& topic : topics_of(request.parameter("dlq_topic"))) {
    view(place, topic, query, [&](const dlq::SeenLetter& letter) {
      if (++total <= limit) letters.push_back(letter_of(topic, letter));
    });
  }
  return json_of({{"total", total}, {"letters", std::move(letters)}});
}

HttpResponse count(const Management& parts, const HttpRequest& request) {
  const LetterPlace place(parts);
  dlq::LetterQuery query;
  query.state.reset();
  Json topics = Json::array();
  dlq::ErrorPatterns patterns;
  for (const TopicName& topic : topics_of(request.parameter("dlq_topic"))) {
    std::map<std::string, std::size_t> states;
    std::map<std::string, std::size_t> categories;
    view(place, topic, query, [&](const dlq::SeenLetter& letter) {
      ++states[std::string(to_string(letter.state))];
      if (letter.state != dlq::LetterState::open) return;
      ++categories[letter.category ? std::string(to_string(*letter.category)) : "unknown"];
      patterns.add(letter.error, letter.id, letter.record.timestamp);
    });
    topics.push_back({{"dlq", topic.get()}, {"states", states}, {"open_by_category", categories}});
  }
  Json groups = Json::array();
  for (const auto& [pattern, group] : patterns.groups()) {
    groups.push_back({{"pattern", pattern},
                      {"count", group.count},
                      {"first", to_rfc3339(group.first)},
                      {"last", to_rfc3339(group.last)},
                      {"sample", group.sample}});
  }
  return json_of({{"topics", std::move(topics)}, {"patterns", std::move(groups)}});
}

struct RetryWish {
  std::vector<std::string> ids;  ///< none: all
  std::string dlq_topic;         ///< empty: the usual ones
  dlq::RetryOptions how;
};

[[noreturn]] void refuse(const char* what) {
  throw Error(ErrorCode::bad_input, what);
}

/// Throws Error{bad_input} for whatever would have to be passed over.
std::vector<std::string> wished_ids(const Json& body) {
  constexpr auto k_form = "give {\"ids\": […]} or {\"all\": true}";
  if (!body.is_object()) refuse(k_form);
  const Json ids = body.value("ids", Json::array());
  const Json all = body.value("all", Json(false));
  const bool sound = ids.is_array() && all.is_boolean() &&
                     std::all_of(ids.begin(), ids.end(), [](const Json& id) { return id.is_string(); });
  if (!sound || (ids.empty() && all != true)) refuse(k_form);
  return ids;
}

/// `{dlq_topic, ids, all, to, max_replays}`. Throws Error{bad_input}.
RetryWish read_wish(const Json& body) {
  RetryWish wish{.ids = wished_ids(body), .dlq_topic = {}, .how = {}};
  if (const auto to = body.find("to"); to != body.end()) {
    if (!to->is_string()) refuse("to is a topic's name");
    wish.how.to = TopicName{to->get<std::string>()};
    check_topic_name(wish.how.to->get());
  }
  if (const auto most = body.find("max_replays"); most != body.end()) {
    constexpr std::uint64_t k_highest = 1'000'000;
    if (!most->is_number_unsigned() || *most < 1U || *most > k_highest)
      refuse("max_replays is a number from 1 to 1000000");
    wish.how.max_replays = *most;
  }
  if (const auto topic = body.find("dlq_topic"); topic != body.end()) {
    if (!topic->is_string()) refuse("dlq_topic is a topic's name");
    wish.dlq_topic = *topic;
  }
  return wish;
}

/// Letters go back as `kbeat dlq retry` sends them.
HttpResponse retry(const Management& parts, const HttpRequest& request) {
  const RetryWish wish = read_wish(Json::parse(request.body, nullptr, false));
  dlq::DeskOptions options;
  options.query.ids = wish.ids;
  const LetterPlace place(parts);
  dlq::DeskReport report;
  for (const TopicName& topic : topics_of(wish.dlq_topic)) {
    dlq::RetryDecider decider(parts.transport, parts.timeout, wish.how);
    try {
      report += dlq::decide_letters(place.source, topic, options, std::ref(decider), parts.clock, {});
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;
    }
  }
  std::map<std::string, std::uint64_t> decided;
  for (const auto& [state, number] : report.decided) decided[std::string(to_string(state))] = number;
  return json_of({{"decided", decided}, {"targets", report.targets}, {"left", report.left}});
}

}  // namespace

void add_letter_routes(Router& router, const Management& parts) {
  add_reading(router, "/api/v1/kafka/dead-letter-queue",
              "open dead letters (limit, state=all, error, dlq_topic)",
              [&parts](const HttpRequest& request) { return show(parts, request); });
  add_reading(router, "/api/v1/kafka/dead-letter-queue/stats",
              "dead letters by state, category and error pattern",
              [&parts](const HttpRequest& request) { return count(parts, request); });
  add_changing(router, parts,
               {.method = "POST",
                .pattern = "/api/v1/kafka/dead-letter-queue/retry",
                .summary = "sends dead letters back to where they came from, each once",
                .handler = {}},
               [&parts](const HttpRequest& request) { return retry(parts, request); });
}

}  // namespace kbeat::server
