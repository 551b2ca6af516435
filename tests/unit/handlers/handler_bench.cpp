// Fakes around the built-in handlers.
#include "handler_bench.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <stdexcept>

namespace kbeat::test {

net::Fetched FakeDownloader::fetch(const std::string& url, SteadyTime, std::stop_token) {
  fetched.push_back(url);
  if (failure) return *failure;
  return net::FetchedFile(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

confine::Analyzed FakeAnalyzer::analyze(int, SteadyTime, std::stop_token) {
  return answer;
}

std::optional<std::string> FakeBeats::audio_url(const std::string& beat_id) {
  const auto found = urls.find(beat_id);
  if (found == urls.end()) return std::nullopt;
  return found->second;
}

std::string FakeBeats::user_id(const std::string& beat_id) {
  return urls.contains(beat_id) ? user : "";
}

Outcome HandlerBench::handle(const std::string& topic, const std::string& json) {
  Record record;
  record.topic = TopicName(topic);
  record.value = json;
  const RecordLoan loan(record);
  const Event event = parse_event(loan.view());
  const handlers::Route route = m_routes->find(topic, event.type);
  if (!std::holds_alternative<handlers::Handler*>(route)) throw std::runtime_error("no route for " + json);
  const handlers::HandlerContext context{
      .identity = "id-1", .attempt = 1, .deadline = SteadyTime::max(), .stop = {}};
  return std::get<handlers::Handler*>(route)->handle(loan.view(), event, context);
}

Outcome HandlerBench::handle(const std::string& topic, const std::string& type, const std::string& payload) {
  return handle(topic, fmt::format(R"({{"type":"{}","payload":{}}})", type, payload));
}

std::string told(const Outcome& outcome) {
  if (const auto* retry = std::get_if<Retry>(&outcome)) {
    return fmt::format("retry {}: {}", to_string(retry->category), retry->reason);
  }
  if (const auto* reject = std::get_if<Reject>(&outcome)) {
    return fmt::format("reject {}: {}", to_string(reject->category), reject->reason);
  }
  return "done";
}

}  // namespace kbeat::test
