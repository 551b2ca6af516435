// The built-in handlers on a bench: events go in as JSON, outcomes come out, no network and no child process.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/handlers/builtin.hpp"

namespace kbeat::test {

/// Answers each URL as told, and counts; any URL is good unless told otherwise.
class FakeDownloader final : public net::Downloader {
 public:
  std::optional<net::FetchFailure> failure;
  std::vector<std::string> fetched;
  net::Fetched fetch(const std::string& url, SteadyTime deadline, std::stop_token stop) override;
};

class FakeAnalyzer final : public confine::Analyzer {
 public:
  confine::Analyzed answer =
      R"({"duration":8.5,"bpm":92.0,"key":"A","beats":[0.5,1.15],"mfcc":[1,2],"version":1})";
  confine::Analyzed analyze(int descriptor, SteadyTime deadline, std::stop_token stop) override;
};

class FakeBeats final : public store::BeatReader {
 public:
  std::map<std::string, std::string> urls;
  std::string user = "u1";  ///< of each of them
  std::optional<std::string> audio_url(const std::string& beat_id) override;
  std::string user_id(const std::string& beat_id) override;
};

class HandlerBench {
 public:
  FakeDownloader downloader;
  FakeAnalyzer analyzer;
  FakeBeats beats;

  /// The outcome of an event as the pipeline would handle it; throws std::runtime_error when it has no route.
  Outcome handle(const std::string& topic, const std::string& json);
  /// `{"type":TYPE,"payload":PAYLOAD}`.
  Outcome handle(const std::string& topic, const std::string& type, const std::string& payload);

  [[nodiscard]] handlers::RouteTable& routes() { return *m_routes; }

 private:
  std::unique_ptr<handlers::RouteTable> m_routes = handlers::builtin_handlers(
      {.downloader = downloader, .analyzer = analyzer, .beats = [this]() -> store::BeatReader& {
         return beats;
       }});
};

/// The only effect of a good outcome, or one of several; throws when there is none of that kind.
template <typename Kind>
const Kind& effect_of(const Outcome& outcome) {
  for (const Effect& effect : std::get<Done>(outcome).effects) {
    if (const Kind* const kind = std::get_if<Kind>(&effect)) return *kind;
  }
  throw std::runtime_error("no such effect");
}

/// `done`, or the category and reason of a failure: `retry dependency: ...`, `reject schema: ...`.
[[nodiscard]] std::string told(const Outcome& outcome);

}  // namespace kbeat::test
