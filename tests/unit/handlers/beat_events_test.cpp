// BEAT_* events: what is measured, what is stored and sent, and which failure is which.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "handler_bench.hpp"

using namespace kbeat;
using test::effect_of;
using test::HandlerBench;
using test::told;

namespace {

constexpr const char* k_beat = R"({"beatId":"b1","audioUrl":"http://h/a.wav","userId":"u1"})";

Outcome create(HandlerBench& bench, const std::string& payload = k_beat) {
  return bench.handle("beats-events", "BEAT_CREATED", payload);
}

Outcome update(HandlerBench& bench, const std::string& payload) {
  return bench.handle("beats-events", "BEAT_UPDATED", payload);
}

Outcome fetch_failing(const Error& error, std::optional<Milliseconds> after = std::nullopt) {
  HandlerBench bench;
  bench.downloader.failure = net::FetchFailure{error, after};
  return create(bench);
}

Outcome analysis_failing(const Error& error) {
  HandlerBench bench;
  bench.analyzer.answer = error;
  return create(bench);
}

}  // namespace

TEST_CASE("a created beat is fetched, measured and stored", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = create(bench);
  REQUIRE(told(outcome) == "done");
  CHECK(bench.downloader.fetched == std::vector<std::string>{"http://h/a.wav"});
  const auto& row = effect_of<UpsertBeatMetrics>(outcome);
  CHECK(row.beat_id == "b1");
  CHECK(row.user_id == "u1");
  CHECK(row.audio_url == "http://h/a.wav");
  CHECK(row.core == std::vector<std::pair<std::string, ColumnValue>>{{"duration", 8.5},
                                                                     {"bpm", 92.0},
                                                                     {"key", std::string("A")},
                                                                     {"beats", std::string("[0.5,1.15]")}});
  CHECK(row.extra == R"({"mfcc":[1,2],"version":1})");
  CHECK(std::get<Done>(outcome).result == R"({"beatId":"b1","duration":8.5,"bpm":92.0,"key":"A"})");
}

TEST_CASE("a measured beat is told to other stores with all its metrics, keyed by the beat", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = create(bench);
  const auto& emit = effect_of<Emit>(outcome);
  CHECK(emit.topic.get() == "analytics-events");
  CHECK(emit.key == "b1");
  CHECK(emit.event_id == "id-1/METRIC_CALCULATED");
  CHECK(emit.value ==
        R"({"type":"METRIC_CALCULATED","payload":{"beatId":"b1","userId":"u1","audioUrl":"http://h/a.wav",)"
        R"("duration":8.5,"bpm":92.0,"key":"A","beats":[0.5,1.15],"mfcc":[1,2],"version":1}})");
  const Outcome followed = bench.handle("analytics-events", *emit.value);
  const auto& row = effect_of<UpsertBeatMetrics>(followed);
  CHECK(row.core == effect_of<UpsertBeatMetrics>(outcome).core);
  CHECK(row.extra == effect_of<UpsertBeatMetrics>(outcome).extra);
}

TEST_CASE("a beat without an id or a URL of the right kind is rejected before anything is fetched",
          "[handlers]") {
  HandlerBench bench;
  const std::string payload =
      GENERATE(R"({"audioUrl":"http://h/a"})", R"({"beatId":"b1"})",
               R"({"beatId":"","audioUrl":"http://h/a"})", R"({"beatId":"b1","audioUrl":""})",
               R"({"beatId":"b1","audioUrl":null})", R"({"beatId":"b1","audioUrl":7})",
               R"({"beatId":"b1","audioUrl":["http://h/a"]})", R"({"beatId":7,"audioUrl":"http://h/a"})",
               R"({"beatId":"b1","audioUrl":"http://h/a","userId":7})", "[]", "null", "\"b1\"");
  INFO(payload);
  CHECK_THAT(told(create(bench, payload)), Catch::StartsWith("reject schema: "));
  CHECK(bench.downloader.fetched.empty());
}

TEST_CASE("a URL or an id that is too long is rejected", "[handlers]") {
  HandlerBench bench;
  const std::string url = "http://h/" + std::string(1'000'000, 'x');
  CHECK(told(create(bench, R"({"beatId":"b1","audioUrl":")" + url + "\"}")) ==
        "reject schema: audioUrl is longer than 8192 bytes");
  CHECK(told(create(bench, R"({"beatId":")" + std::string(1025, 'x') + R"(","audioUrl":"http://h/a"})")) ==
        "reject schema: beatId is longer than 1024 bytes");
}

TEST_CASE("an event on beats-events that is a number or an array is a schema failure", "[handlers]") {
  HandlerBench bench;
  CHECK_THAT(told(bench.handle("beats-events", "42")), Catch::StartsWith("reject schema: "));
  CHECK_THAT(told(bench.handle("beats-events", "[1]")), Catch::StartsWith("reject schema: "));
}

TEST_CASE("a beat without a user is measured all the same", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = create(bench, R"({"beatId":"b1","audioUrl":"http://h/a.wav"})");
  CHECK(effect_of<UpsertBeatMetrics>(outcome).user_id.empty());
  CHECK_THAT(effect_of<Emit>(outcome).value.value(), Catch::Contains(R"("userId":null)"));
}

TEST_CASE("failures of fetching keep their kind", "[handlers]") {
  CHECK(told(fetch_failing({ErrorCode::bad_input, "refused"})) == "reject processing: refused");
  CHECK(told(fetch_failing({ErrorCode::not_found, "404"})) == "reject processing: 404");
  CHECK(told(fetch_failing({ErrorCode::too_large, "large"})) == "reject processing: large");
  CHECK(told(fetch_failing({ErrorCode::timed_out, "slow", Retryable::yes})) == "retry timeout: slow");
  CHECK(told(fetch_failing({ErrorCode::unreachable, "down", Retryable::yes})) == "retry dependency: down");
  CHECK(told(fetch_failing({ErrorCode::unreachable, "bad certificate"})) ==
        "reject dependency: bad certificate");
  CHECK(told(fetch_failing({ErrorCode::no_space, "full", Retryable::yes})) == "retry dependency: full");
  CHECK(std::get<Retry>(fetch_failing({ErrorCode::unreachable, "429", Retryable::yes}, Milliseconds{7000}))
            .after == Milliseconds{7000});
}

TEST_CASE("failures of the analysis keep their kind", "[handlers]") {
  CHECK(told(analysis_failing({ErrorCode::bad_input, "not audio"})) ==
        "reject processing: http://h/a.wav: not audio");
  CHECK(told(analysis_failing({ErrorCode::too_large, "memory"})) ==
        "reject processing: http://h/a.wav: memory");
  CHECK(told(analysis_failing({ErrorCode::timed_out, "slow", Retryable::yes})) ==
        "retry timeout: http://h/a.wav: slow");
  CHECK(told(analysis_failing({ErrorCode::crashed, "signal 11"})) ==
        "retry crash: http://h/a.wav: signal 11");
}

TEST_CASE("an update measures again only when the audio is another", "[handlers]") {
  HandlerBench bench;
  bench.beats.urls["b1"] = "http://h/a.wav";
  const Outcome same = update(bench, k_beat);
  CHECK(told(same) == "done");
  CHECK(std::get<Done>(same).effects.empty());
  CHECK(std::get<Done>(update(bench, R"({"beatId":"b1"})")).effects.empty());
  CHECK(bench.downloader.fetched.empty());
  const Outcome other = update(bench, R"({"beatId":"b1","audioUrl":"http://h/b.wav"})");
  CHECK(effect_of<UpsertBeatMetrics>(other).audio_url == "http://h/b.wav");
  CHECK(update(bench, R"({"beatId":"b2","audioUrl":"http://h/a.wav"})").index() == 0);
  CHECK(bench.downloader.fetched.size() == 2);
}

TEST_CASE("an update that names another user changes the row", "[handlers]") {
  HandlerBench bench;
  bench.beats.urls["b1"] = "http://h/a.wav";
  bench.beats.user = "u0";
  CHECK(effect_of<UpsertBeatMetrics>(update(bench, k_beat)).user_id == "u1");
  bench.beats.user = "u1";
  CHECK(std::get<Done>(update(bench, R"({"beatId":"b1","audioUrl":"http://h/a.wav"})")).effects.empty());
}

TEST_CASE("an update is measured when a newer change may not be in the store yet", "[handlers]") {
  HandlerBench bench;
  bench.beats.urls["b1"] = "http://h/a.wav";
  (void)update(bench, R"({"beatId":"b1","audioUrl":"http://h/b.wav"})");
  CHECK_FALSE(std::get<Done>(update(bench, k_beat)).effects.empty());
  (void)bench.handle("beats-events", "BEAT_DELETED", R"({"beatId":"b1"})");
  CHECK_FALSE(std::get<Done>(update(bench, k_beat)).effects.empty());
}

TEST_CASE("an update with an empty URL or no id is a schema failure", "[handlers]") {
  HandlerBench bench;
  CHECK(told(update(bench, R"({"beatId":"b1","audioUrl":""})")) == "reject schema: audioUrl is empty");
  CHECK(told(update(bench, R"({"audioUrl":"http://h/a"})")) == "reject schema: beatId is missing");
}

TEST_CASE("a deleted beat's metrics are removed", "[handlers]") {
  HandlerBench bench;
  const Outcome outcome = bench.handle("beats-events", "BEAT_DELETED", R"({"beatId":"b1"})");
  CHECK(effect_of<DeleteBeat>(outcome).beat_id == "b1");
  CHECK(told(bench.handle("beats-events", "BEAT_DELETED", "{}")) == "reject schema: beatId is missing");
}

TEST_CASE("URLs are remembered for far more beats than may be under way", "[handlers]") {
  handlers::RecentUrls recent;
  for (int i = 0; i < 100'000; ++i) recent.note(fmt::format("b{}", i), "u");
  CHECK(recent.find("b99999") == "u");
  CHECK(recent.find("b80000") == "u");
  CHECK_FALSE(recent.find("b0").has_value());
}
